#include "engine/phone_engine.h"

#include <algorithm>

#include "endpoint/core_stack.h"
#include "endpoint/headset_commands.h"
#include "engine/digit_record.h"
#include "net/interfaces.h"

namespace sidetone::engine {
namespace {

sip::StackSettings stack_settings(const PhoneSettings& settings) {
  auto stack = endpoint::core_stack_settings();
  stack.user_agent = settings.user_agent;
  stack.guard = settings.guard;
  stack.timers.client_timeout = settings.transaction_timeout;
  // A connection that does not come about must be given up before the request that waits for it: then the
  // reason is the connection's, and the next server is tried.
  if (settings.transaction_timeout)
    stack.transport.connect_max =
        std::min<Duration>(stack.transport.connect_max, *settings.transaction_timeout * 3 / 4);
  if (!settings.ip_versions.empty()) stack.transport.location.families = settings.ip_versions;
  // Six lines have a server each, and a spare one; the rest is room for proxies that open one per request.
  // Below the descriptors that a process is usually allowed, 1,024: calls need some, too.
  stack.transport.connections_max = 128;
  // Some dozen for each call, with those that only wait for repetitions (32 s).
  stack.timers.transactions_max = settings.core.calls_max * 64;
  stack.sessions_max = settings.core.calls_max * 2;  // those that end overlap those that begin
  return stack;
}

SipHostSettings host_settings(const PhoneSettings& settings) {
  SipHostSettings host;
  host.dscp = settings.signaling_dscp;
  host.dns = settings.dns;
  if (settings.tcp_port_min != 0 && settings.tcp_port_max > settings.tcp_port_min) {
    host.connect_port_min = settings.tcp_port_min;
    host.connect_port_max = settings.tcp_port_max;
  }
  return host;
}

}  // namespace

PhoneEngine::PhoneEngine(boost::asio::io_context& io, PhoneSettings settings, const SteadyTime& clock,
                         Random& random, LogSink& log, std::function<void(Event)> on_event)
    : io_(io),
      settings_(std::move(settings)),
      random_(random),
      log_(log),
      on_event_(std::move(on_event)),
      stack_(stack_settings(settings_), random, log),
      host_(io, stack_, clock, host_settings(settings_), log),
      quality_timer_(io),
      cname_(random.token(12)) {}

PhoneEngine::~PhoneEngine() {  // what has a thread that notifies us goes first
  device_watch_.reset();
  headset_.reset();
  media_.reset();
}

void PhoneEngine::log(LogRecord record) {
  if (log_.wants(record.tag, record.level)) log_.write(std::move(record));
}

void PhoneEngine::tell_warnings() {
  for (auto& text : settings_.warnings)
    log({.time = host_.now(), .level = LogLevel::warning, .tag = LogTag::config, .text = std::move(text)});
  settings_.warnings.clear();
}

Expected<void> PhoneEngine::start() {
  tell_warnings();
  facts_ = settings_.network ? *settings_.network : net::read_network_facts();
  if (net::needs_fqdn(settings_.public_address)) facts_.fqdn = net::read_fqdn(facts_.host_name);
  auto chosen = net::choose_public_address(settings_.public_address, settings_.ip_versions, facts_);
  if (!chosen) return tl::make_unexpected(chosen.error());
  public_ = *chosen;
  if (!public_.is_automatic) host_.connect_from(public_.ip);
  stack_.set_addresses(facts_.addresses());
  for (auto& line : settings_.core.lines) {
    auto address = prepare(line);
    if (!address) return tl::make_unexpected(address.error());
    line_addresses_.push_back(*address);
  }
  name_instances(settings_);
  core_ = std::make_unique<endpoint::EndpointCore>(settings_.core, stack_, random_, log_);
  if (!settings_.network)
    interface_watch_ = net::InterfaceWatch::start(
        io_, facts_, [this](net::NetworkFacts facts) { network_changed(std::move(facts)); });
  suspend_watch_ = std::make_unique<SuspendWatch>(io_, [this](Duration slept) { resumed(slept); });
  host_.set_hooks({.on_event = [this](sip::Event&& event, Time now) { on_sip_event(std::move(event), now); },
                   .after_drain = [this](Time now) { drain(now); },
                   .on_time = [this](Time now) { core_->on_time(now); },
                   .deadline = [this] { return core_->deadline(); }});
  core_->start(host_.now());
  if (settings_.core.devices) {
    check_tones();
    watch_devices();
  }
  host_.drain();
  return {};
}

// Files that cannot be played are told when the phone starts, not when it should ring.
void PhoneEngine::check_tones() {
  for (const auto& error : check_tone_files(settings_.tone_files)) {
    settings_.warnings.push_back(describe(error));
    core_->media_warning(error);
  }
  tell_warnings();
}

void PhoneEngine::on_thread(std::function<void()> work) { host_.post(std::move(work)); }

void PhoneEngine::post(Command command) {
  host_.post([this, command = std::move(command)] { core_->handle(command, host_.now()); });
}

void PhoneEngine::set_tap(CallId call, std::shared_ptr<media::FrameTap> tap) {
  host_.post([this, call, tap = std::move(tap)]() mutable {
    if (media_) media_->set_tap(media_id(call), std::move(tap));
  });
}

Snapshot PhoneEngine::snapshot() const {
  std::lock_guard lock(snapshot_mutex_);
  return snapshot_;
}

media::StreamStatistics PhoneEngine::statistics(CallId call) const {
  std::lock_guard lock(snapshot_mutex_);
  return asked_ != nullptr ? asked_->statistics(media_id(call)) : media::StreamStatistics{};
}

// Events are passed on after the snapshot they led to is there to be asked for.
void PhoneEngine::drain(Time now) {
  std::vector<Event> events;
  bool more = true;
  while (more) {
    more = false;
    while (auto order = core_->poll_media()) {
      if (settings_.without_media)
        pretend(*order, now);
      else
        std::visit([&](const auto& what) { carry_out(what, now); }, *order);
      more = true;
    }
    while (auto event = core_->poll_event()) events.push_back(std::move(*event));
  }
  if (events.empty()) return;
  {
    auto snapshot = core_->snapshot();
    if (headset_) headset_->set_calls(endpoint::headset_calls(snapshot));
    std::lock_guard lock(snapshot_mutex_);
    snapshot_ = std::move(snapshot);
  }
  for (auto& event : events) {
    if (auto record = digit_record(event, settings_.log_hides_digits, now)) log(std::move(*record));
    if (auto record = event_records_.record(event, now)) log(std::move(*record));
    on_event_(std::move(event));
  }
}

}  // namespace sidetone::engine
