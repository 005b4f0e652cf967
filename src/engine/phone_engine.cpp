#include "engine/phone_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "endpoint/core_stack.h"
#include "endpoint/headset_commands.h"
#include "engine/digit_record.h"
#include "engine/log/device_dump.h"
#include "engine/quality.h"
#include "engine/vq_reports.h"
#include "net/interfaces.h"
#include "net/rtp_io.h"

namespace sidetone::engine {
namespace {

constexpr auto quality_interval = std::chrono::seconds(5);
constexpr unsigned report_rounds = 12;  // an interval report a minute

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

media::MediaId media_id(CallId call) { return media::MediaId{call.value}; }

std::optional<IpAddress> numeric(const std::string& host) {
  if (host == "localhost") return IpAddress::loopback_v4();
  const auto ip = IpAddress::parse(host);
  return ip ? std::optional(*ip) : std::nullopt;
}

std::string_view version_of(const IpAddress& ip) { return ip.is_v4() ? "IPv4" : "IPv6"; }

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

void PhoneEngine::log_devices(const device::DeviceList& devices) {
  if (logged_devices_ == devices) return;
  logged_devices_ = devices;
  log({.time = host_.now(), .tag = LogTag::report, .text = device_dump(devices)});
}

Expected<void> PhoneEngine::start() {
  tell_warnings();
  facts_ = net::read_network_facts();
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
  core_ = std::make_unique<endpoint::EndpointCore>(settings_.core, stack_, random_, log_);
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

Expected<Address> PhoneEngine::prepare(endpoint::CoreLine& line) {
  line.server_host = net::with_numeric_zone(line.server_host);
  const auto ip = address_for(line);
  if (!ip) return tl::make_unexpected(ip.error());
  auto sockets = sockets_for(*ip);
  if (!sockets) return tl::make_unexpected(sockets.error());
  line.socket = sockets->udp;
  line.media_ip = *ip;
  line.instance_urn = instance_urn(*ip);
  if (line.transport == sip::Transport::tls) {
    const bool on_all = !settings_.sip_port_binding;
    auto ready = prepare_tls(line, {on_all ? IpAddress{.family = ip->family} : *ip, sockets->local.port});
    if (!ready) return tl::make_unexpected(ready.error());
  }
  return sockets->local;
}

// RFC 5626 §4.1: a UUID that stays the same, here with the hardware address as its node (RFC 9562 §5.1).
std::string PhoneEngine::instance_urn(const IpAddress& ip) const {
  const auto node = settings_.include_mac_address ? facts_.hardware_address_of(ip) : std::string();
  return node.empty() ? std::string() : fmt::format("urn:uuid:00000000-0000-1000-8000-{}", node);
}

// --- another configuration

// What only a start can change stays as it is.
void PhoneEngine::keep_what_started(PhoneSettings& next) const {
  next.public_address = settings_.public_address;
  next.ip_versions = settings_.ip_versions;
  next.sip_port_binding = settings_.sip_port_binding;
  next.sip_port_min = settings_.sip_port_min;
  next.sip_port_max = settings_.sip_port_max;
  next.signaling_dscp = settings_.signaling_dscp;
  next.tls = settings_.tls;
  next.transaction_timeout = settings_.transaction_timeout;
  next.core.calls_max = settings_.core.calls_max;  // tables were made for so many
}

// A line that is where it was keeps its sockets, and its address, which may have moved since the start.
Expected<Address> PhoneEngine::prepare_again(std::size_t index, endpoint::CoreLine& line) {
  if (index < settings_.core.lines.size()) {
    const auto& old = settings_.core.lines[index];
    if (net::with_numeric_zone(line.server_host) == old.server_host && line.server_port == old.server_port &&
        line.transport == old.transport && line.any_transport == old.any_transport) {
      line.server_host = old.server_host;
      line.socket = old.socket;
      line.tls_profile = old.tls_profile;
      line.media_ip = old.media_ip;
      line.instance_urn = instance_urn(old.media_ip);
      return line_addresses_.at(index);
    }
  }
  return prepare(line);
}

Expected<void> PhoneEngine::reconfigure(PhoneSettings next) {
  keep_what_started(next);
  std::vector<Address> addresses;
  for (std::size_t i = 0; i < next.core.lines.size(); ++i) {
    auto address = prepare_again(i, next.core.lines[i]);
    if (!address) return tl::make_unexpected(address.error());
    addresses.push_back(*address);
  }
  line_addresses_ = std::move(addresses);
  settings_ = std::move(next);
  tell_warnings();
  stack_.set_user_agent(settings_.user_agent);
  core_->reconfigure(settings_.core, host_.now());
  if (settings_.core.devices) check_tones();
  host_.drain();
  return {};
}

// With a certificate of our own we are a server, too: at the port behind the plain one, as 5061 is behind
// 5060, or at any when that is taken.
Expected<void> PhoneEngine::prepare_tls(endpoint::CoreLine& line, const Address& plain) {
  if (!tls_profile_) {
    const auto added = host_.add_tls_profile(settings_.tls);
    if (!added) return tl::make_unexpected(added.error());
    tls_profile_ = *added;
  }
  line.tls_profile = tls_profile_;
  if (settings_.tls.certificate_file.empty()) return {};
  if (std::find(tls_listeners_.begin(), tls_listeners_.end(), plain.ip) != tls_listeners_.end()) return {};
  auto listening = host_.listen_tls({plain.ip, static_cast<std::uint16_t>(plain.port + 1)}, tls_profile_);
  if (!listening && listening.error().fault == Fault::busy)
    listening = host_.listen_tls({plain.ip, 0}, tls_profile_);
  if (!listening) return tl::make_unexpected(listening.error());
  tls_listeners_.push_back(plain.ip);
  return {};
}

// The one of public_address. Where that was chosen by rule, the routing table knows better for a server whose
// address is known: what goes there leaves from another interface, and the registrar would tell us so.
Expected<IpAddress> PhoneEngine::address_for(const endpoint::CoreLine& line) const {
  const auto server = numeric(line.server_host);
  if (!server) return public_.ip;
  if (public_.is_automatic && (server->family == public_.ip.family || public_.any_family)) {
    auto local = net::local_address_towards({*server, line.server_port});
    // Without a route the line fails when it registers, and is tried again; a cable may be put in later.
    if (local || server->family == public_.ip.family) return local ? *local : public_.ip;
    return local;
  }
  if (server->family == public_.ip.family) return public_.ip;
  return fail(Layer::net, Fault::unreachable,
              fmt::format("the server {} of line {} is {}, the own address {} is {}", line.server_host,
                          line.user, version_of(*server), public_.ip.to_string(), version_of(public_.ip)),
              "let public_address, ip_versions and the server's address be of one IP version");
}

// With sip_port_binding=0 all addresses of a family share one socket and its port.
Expected<SipHost::BoundPair> PhoneEngine::sockets_for(const IpAddress& ip) {
  const auto bound_to = settings_.sip_port_binding ? ip : IpAddress{.family = ip.family};
  auto found = std::find_if(sockets_.begin(), sockets_.end(),
                            [&](const auto& entry) { return entry.first == bound_to; });
  if (found == sockets_.end()) {
    auto made = host_.bind_both(bound_to, settings_.sip_port_min, settings_.sip_port_max);
    if (!made) return made;
    found = sockets_.emplace(sockets_.end(), bound_to, *made);
  }
  auto pair = found->second;
  if (!settings_.sip_port_binding) {
    pair.udp = host_.socket_at(pair.udp, ip);
    pair.local.ip = ip;
  }
  if (!public_.name.empty())
    for (const auto socket : {pair.udp, pair.tcp})
      stack_.transport().set_public_host(socket, public_.name, pair.local.port);
  return pair;
}

// --- the network

void PhoneEngine::on_sip_event(sip::Event&& event, Time now) {
  const auto* seen = std::get_if<sip::AddressSeen>(&event);
  if (seen != nullptr && seen->as == sip::SeenAs::other_own)
    if (const auto line = core_->line_of(seen->account)) move_line(*line, seen->address.ip, now);
  core_->handle(std::move(event), now);
}

void PhoneEngine::move_line(LineId id, const IpAddress& ip, Time now) {
  auto sockets = sockets_for(ip);
  if (!sockets) return core_->media_warning(sockets.error());
  auto& line = settings_.core.lines.at(id.index);
  line.media_ip = ip;
  line.socket = sockets->udp;
  line_addresses_.at(id.index) = sockets->local;
  core_->move_line(id, sockets->udp, sockets->local, now);
}

void PhoneEngine::network_changed(net::NetworkFacts facts) {
  const Time now = host_.now();
  facts.fqdn = facts_.fqdn;
  facts_ = std::move(facts);
  // An interface that is gone for a moment: the lines stay where they are until there is somewhere to go.
  auto chosen = net::choose_public_address(settings_.public_address, settings_.ip_versions, facts_);
  if (chosen) {
    public_ = *chosen;
    if (!public_.is_automatic) host_.connect_from(public_.ip);
  }
  stack_.on_network_change(facts_.addresses(), now);
  for (std::size_t i = 0; chosen && i < settings_.core.lines.size(); ++i) {
    const auto& line = settings_.core.lines[i];
    const auto ip = address_for(line);
    if (ip && *ip != line.media_ip) move_line(LineId{static_cast<std::uint8_t>(i)}, *ip, now);
  }
  close_unused_sockets();
  host_.drain();
}

// Of addresses that this machine has no more; one that a line still waits for stays.
void PhoneEngine::close_unused_sockets() {
  std::erase_if(sockets_, [this](const auto& entry) {
    const auto& ip = entry.first;
    const auto& lines = settings_.core.lines;
    if (ip.is_unspecified() || facts_.has(ip) ||
        std::any_of(lines.begin(), lines.end(), [&](const auto& line) { return line.media_ip == ip; }))
      return false;
    host_.close(entry.second.udp);
    host_.close(entry.second.tcp);
    return true;
  });
}

void PhoneEngine::resumed(Duration slept) {
  stack_.on_resume(slept, host_.now());
  host_.drain();
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

// --- media orders

media::MediaThread& PhoneEngine::media() {
  if (media_) return *media_;
  auto notify = [this, alive = std::weak_ptr<int>(alive_)] {
    boost::asio::post(io_, [this, alive] {
      if (!alive.expired()) take_media_events();
    });
  };
  media::MediaThreadSettings media;
  media.restart_if_stuck = settings_.restart_audio_if_stuck;
  media.voice = voice_;
  media.hold_music_file = settings_.hold_music_file;
  media_ = std::make_unique<media::MediaThread>(media, notify, log_);
  {
    std::lock_guard lock(snapshot_mutex_);
    asked_ = media_.get();
  }
  return *media_;
}

void PhoneEngine::carry_out(const endpoint::OpenMedia& order, Time now) {
  auto port = net::open_rtp_io(order.ip, settings_.rtp_port_min, settings_.rtp_port_max, settings_.audio_dscp,
                               random_.next());
  if (!port) return core_->media_failed(order.call, port.error(), now);
  const auto rtp_port = (*port)->rtp_port();
  media::StreamSettings stream;
  stream.ssrc = static_cast<std::uint32_t>(random_.next());  // RFC 3550 §5.1: random start values
  stream.first_sequence = static_cast<std::uint16_t>(random_.next() & 0x7fff);
  stream.first_timestamp = static_cast<std::uint32_t>(random_.next());
  stream.g729 = settings_.g729;
  stream.vad_level = settings_.vad_level;
  stream.level_received = settings_.level_received;
  const auto choice = settings_.choose_media ? settings_.choose_media(order) : MediaChoice{};
  stream.cname = fmt::format("{}@{}", cname_, order.ip.to_string());
  media().open(media_id(order.call), std::move(*port), stream);
  media_->set_source(media_id(order.call), choice.source);
  media_->set_sink(media_id(order.call), choice.sink);
  core_->media_ready(order.call, {order.ip, rtp_port, static_cast<std::uint16_t>(rtp_port + 1)}, now);
  watch_quality();
}

void PhoneEngine::carry_out(const endpoint::MoveMedia& order, Time now) {
  auto port = net::open_rtp_io(order.ip, settings_.rtp_port_min, settings_.rtp_port_max, settings_.audio_dscp,
                               random_.next());
  if (!port) return core_->media_not_moved(order.call, port.error());
  const auto rtp_port = (*port)->rtp_port();
  media_->move(media_id(order.call), std::move(*port));
  core_->media_ready(order.call, {order.ip, rtp_port, static_cast<std::uint16_t>(rtp_port + 1)}, now);
}

void PhoneEngine::carry_out(const endpoint::ApplyPlan& order, Time) {
  media_->apply(media_id(order.call), order.plan);
}

void PhoneEngine::carry_out(const endpoint::SetMuted& order, Time) {
  media_->set_muted(media_id(order.call), order.muted);
}

void PhoneEngine::carry_out(const endpoint::Confer& order, Time) {
  media_->confer(media_id(order.call), order.in);
}

void PhoneEngine::carry_out(const endpoint::Record& order, Time) {
  media_->record(media_id(order.call), order.path);
}

void PhoneEngine::carry_out(const endpoint::PlayFile& order, Time) {
  media_->play_to_peer(media_id(order.call), order.path, order.loop);
}

void PhoneEngine::carry_out(const endpoint::SendDigits& order, Time) {
  media_->send_dtmf(media_id(order.call), order.digits, order.tone, order.gap,
                    order.as_tones ? media::DigitWay::tones : media::DigitWay::events, order.feedback);
}

void PhoneEngine::carry_out(const endpoint::SoundDigit& order, Time) {
  media_->sound_digit(media_id(order.call), order.digit, order.tone);
}

void PhoneEngine::carry_out(const endpoint::CloseMedia& order, Time now) {
  if (media_)
    media_->close(media_id(order.call));  // its last event brings the figures
  else
    core_->media_closed(order.call, {}, now);
}

void PhoneEngine::carry_out(const endpoint::PlayTone& order, Time) {
  if (order.places.empty() && !media_) return;
  std::vector<media::RingerOutputs::Place> places;
  for (const auto& place : order.places) {
    const bool rings =
        place.file == endpoint::ToneFile::ringing || place.file == endpoint::ToneFile::system_ringing;
    places.push_back({place.device, tone_spec(settings_.tone_files, place.file), rings});
  }
  media().play_tone(static_cast<std::size_t>(order.slot), order.id, std::move(places), order.once);
}

void PhoneEngine::carry_out(const endpoint::UseRingerVolume& order, Time) {
  media().set_ringer_volume(order.percent);
}

void PhoneEngine::carry_out(const endpoint::UseDevices& order, Time) {
  media::DeviceChoice choice;
  choice.input_used = !order.microphone.empty();
  choice.output_used = !order.speaker.empty();
  choice.input = order.microphone;
  choice.output = order.speaker;
  choice.latency = device_latency_;
  if (choice.input_used || choice.output_used) choice.kind = media::DeviceChoice::Kind::cubeb;
  media().set_device(std::move(choice));
}

void PhoneEngine::carry_out(const endpoint::ProcessVoice& order, Time now) {
  if (!order.echo_left_to.empty())
    log_.write(
        {now, LogLevel::info, LogTag::device, {}, 0,
         "echo control is off: the microphone \"" + order.echo_left_to + "\" cancels echoes by itself"});
  voice_ = order.settings;
  if (media_) media_->process_voice(voice_);
}

void PhoneEngine::watch_devices() {
  headset_ = std::make_unique<media::HidrawHeadset>(
      media::HidrawPlaces{},
      [this, alive = std::weak_ptr<int>(alive_)](device::HeadsetAction action) {
        boost::asio::post(io_, [this, alive, action] {
          if (alive.expired()) return;
          if (const auto command = endpoint::headset_command(action, core_->snapshot()))
            core_->handle(*command, host_.now());
          host_.drain();
        });
      },
      log_);
  device_watch_ = media::DeviceWatch::start(
      [this, alive = std::weak_ptr<int>(alive_)](Expected<device::DeviceList> list) {
        boost::asio::post(io_, [this, alive, list = std::move(list)]() mutable {
          if (alive.expired()) return;
          headset_->look();  // its buttons come with its sound card
          if (!list) core_->media_warning(list.error());
          if (list) log_devices(*list);
          if (list) device_latency_ = list->latency;
          core_->set_devices(list ? std::move(*list) : device::DeviceList{}, host_.now());
          host_.drain();
        });
      });
  if (!device_watch_)  // then no list ever comes, and no device is opened
    core_->media_warning({Fault::limit, Layer::device, "sound devices cannot be watched: calls have no sound",
                          "free memory or descriptors (ulimit -n) and start again"});
}

// --- media facts

void PhoneEngine::take_media_events() {
  while (auto event = media_->poll_event()) take(*event);
  host_.drain();
}

void PhoneEngine::take(const media::MediaEvent& event) {
  const CallId call{event.id.value};
  const Time now = host_.now();
  if (const auto* last = std::get_if<media::StreamStatistics>(&event.what)) {
    report_quality(call, *last, rtp::VqReport::Kind::session, false, now);
    return core_->media_closed(call, statistics_of(*last), now);
  }
  if (const auto* error = std::get_if<Error>(&event.what)) return core_->media_warning(*error);
  if (const auto* failed = std::get_if<media::DeviceFailed>(&event.what))
    return core_->device_failed({failed->input, failed->output, failed->error.text}, now);
  if (const auto* lost = std::get_if<media::DeviceLost>(&event.what))
    return core_->device_lost(lost->error.text, now);
  if (const auto* ended = std::get_if<media::ToneEnded>(&event.what))
    return core_->tone_ended(ended->order, now);
  if (const auto* failed = std::get_if<media::ToneFailed>(&event.what))
    return core_->tone_failed(failed->order, failed->device, failed->error.text, now);
  if (const auto* ended = std::get_if<media::AnnouncementEnded>(&event.what))
    return core_->file_played(call, ended->error);
  if (const auto* ended = std::get_if<media::RecordingEnded>(&event.what))
    return core_->recording_ended(call, ended->error);
  const auto& fact = std::get<media::StreamEvent>(event.what);
  switch (fact.kind) {
    case media::StreamEvent::Kind::first_rtp: return core_->media_started(call);
    case media::StreamEvent::Kind::dtmf:
      return core_->digit_heard(call, fact.digit, fact.duration, DtmfMethod::rfc2833, now);
    case media::StreamEvent::Kind::dtmf_tones:
      return core_->digit_heard(call, fact.digit, fact.duration, DtmfMethod::inband_rtp, now);
    case media::StreamEvent::Kind::dtmf_sent: return core_->digits_sent(call, 1, now);
    case media::StreamEvent::Kind::audio_flows: return core_->media_flows(call, true, now);
    case media::StreamEvent::Kind::audio_pauses: return core_->media_flows(call, false, now);
    case media::StreamEvent::Kind::inactive: return core_->media_inactive(call, now);
    case media::StreamEvent::Kind::srtp_key_ages: return core_->media_key_ages(call, now);
    case media::StreamEvent::Kind::srtp_key_used_up: return core_->media_key_used_up(call);
    case media::StreamEvent::Kind::rtcp_bye:
    case media::StreamEvent::Kind::source_changed:
    case media::StreamEvent::Kind::format_changed: return;  // signalling decides; the stream has coped
  }
}

// Runs only while there are calls: an idle phone does not wake up for it.
void PhoneEngine::watch_quality() {
  if (quality_watched_) return;
  quality_watched_ = true;
  quality_timer_.expires_after(quality_interval);
  quality_timer_.async_wait([this, alive = std::weak_ptr<int>(alive_)](boost::system::error_code error) {
    if (error || alive.expired()) return;
    quality_watched_ = false;
    if (core_->calls_alive() == 0) return;
    ++quality_rounds_;
    for (const auto& call : core_->snapshot().calls) look_at_quality(call, host_.now());
    host_.drain();
    watch_quality();
  });
}

void PhoneEngine::look_at_quality(const CallSnapshot& call, Time now) {
  const auto stream = media_->statistics(media_id(call.call));
  const bool connected = call.state == CallState::connected;
  const auto alarm = core_->quality(call.call, statistics_of(stream), connected);
  if (alarm) report_quality(call.call, stream, rtp::VqReport::Kind::alert, *alarm, now);
  if (connected && settings_.core.extended_reports && quality_rounds_ % report_rounds == 0)
    report_quality(call.call, stream, rtp::VqReport::Kind::interval, false, now);
}

// RFC 6035. A call that never had media has nothing to report.
void PhoneEngine::report_quality(CallId call, const media::StreamStatistics& stream, rtp::VqReport::Kind kind,
                                 bool alarm_on, Time now) {
  const auto facts = core_->report_facts(call);
  if (!facts || stream.packets_sent + stream.packets_received == 0) return;
  auto report = vq_report(*facts, stream, now, std::chrono::system_clock::now());
  report.kind = kind;
  report.local_group = settings_.user_agent;
  if (!alarm_on) report.alert.severity = rtp::VqReport::Alert::Severity::clear;
  const auto told = kind == rtp::VqReport::Kind::session    ? QualityReport::Kind::session
                    : kind == rtp::VqReport::Kind::interval ? QualityReport::Kind::interval
                                                            : QualityReport::Kind::alert;
  core_->quality_report({told, call, rtp::write_vq_report(report)}, now);
}

}  // namespace sidetone::engine
