#include "engine/phone_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "engine/quality.h"
#include "net/interfaces.h"
#include "net/rtp_io.h"

namespace sidetone::engine {
namespace {

constexpr auto quality_interval = std::chrono::seconds(5);

sip::StackSettings stack_settings(const PhoneSettings& settings) {
  sip::StackSettings stack;
  stack.user_agent = settings.user_agent;
  stack.unsolicited_packages.clear();  // the endpoint acts upon none yet: 489, and no Allow-Events
  stack.timers.client_timeout = settings.transaction_timeout;
  // A connection that does not come about must be given up before the request that waits for it: then the
  // reason is the connection's, and the next server is tried.
  if (settings.transaction_timeout)
    stack.transport.connect_max =
        std::min<Duration>(stack.transport.connect_max, *settings.transaction_timeout * 3 / 4);
  if (!settings.ip_versions.empty()) stack.transport.location.families = settings.ip_versions;
  stack.sessions_max = settings.core.calls_max * 2;  // those that end overlap those that begin
  return stack;
}

SipHostSettings host_settings(const PhoneSettings& settings) {
  SipHostSettings host;
  host.dscp = settings.signaling_dscp;
  host.dns = settings.dns;
  if (!settings.bind_address.is_unspecified()) host.connect_from = settings.bind_address;
  return host;
}

media::MediaId media_id(CallId call) { return media::MediaId{call.value}; }

// Our address as seen from a line's server. A name's address is not known before it is asked for, and the
// default route is where names lead.
Expected<IpAddress> address_towards(const std::string& host) {
  auto ip = IpAddress::parse(host);
  if (!ip && host == "localhost") ip = IpAddress::loopback_v4();
  if (!ip) ip = IpAddress::parse("192.0.2.1");  // RFC 5737: no packet is sent by the question
  return net::local_address_towards(Address{*ip, 5060});
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
      quality_timer_(io) {}

PhoneEngine::~PhoneEngine() { media_.reset(); }  // its thread notifies us: it goes first

Expected<void> PhoneEngine::start() {
  for (auto& line : settings_.core.lines)
    if (auto ready = prepare(line); !ready) return ready;
  core_ = std::make_unique<endpoint::EndpointCore>(settings_.core, stack_, random_, log_);
  host_.set_hooks({.on_event = [this](sip::Event&& event, Time now) { core_->handle(std::move(event), now); },
                   .after_drain = [this](Time now) { drain(now); },
                   .on_time = [this](Time now) { core_->on_time(now); },
                   .deadline = [this] { return core_->deadline(); }});
  core_->start(host_.now());
  host_.drain();
  return {};
}

Expected<void> PhoneEngine::prepare(endpoint::CoreLine& line) {
  IpAddress ip = settings_.bind_address;
  if (ip.is_unspecified()) {
    auto chosen = address_towards(line.server_host);
    if (!chosen) return tl::make_unexpected(chosen.error());
    ip = *chosen;
  }
  auto sockets = sockets_for(ip);
  if (!sockets) return tl::make_unexpected(sockets.error());
  line.socket = sockets->udp;
  line.media_ip = ip;
  line_addresses_.push_back(sockets->local);
  if (line.transport == sip::Transport::tls) return prepare_tls(line, sockets->local);
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

Expected<SipHost::BoundPair> PhoneEngine::sockets_for(const IpAddress& ip) {
  for (const auto& [bound_ip, pair] : sockets_)
    if (bound_ip == ip) return pair;
  auto pair = host_.bind_both(ip, settings_.sip_port_min, settings_.sip_port_max);
  if (pair) sockets_.emplace_back(ip, *pair);
  return pair;
}

void PhoneEngine::post(Command command) {
  host_.post([this, command = std::move(command)] { core_->handle(command, host_.now()); });
}

Snapshot PhoneEngine::snapshot() const {
  std::lock_guard lock(snapshot_mutex_);
  return snapshot_;
}

media::StreamStatistics PhoneEngine::statistics(CallId call) const {
  return media_ ? media_->statistics(media_id(call)) : media::StreamStatistics{};
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
    std::lock_guard lock(snapshot_mutex_);
    snapshot_ = std::move(snapshot);
  }
  for (auto& event : events) on_event_(std::move(event));
}

// --- media orders

void PhoneEngine::carry_out(const endpoint::OpenMedia& order, Time now) {
  auto port = net::open_rtp_io(order.ip, settings_.rtp_port_min, settings_.rtp_port_max, settings_.audio_dscp,
                               random_.next());
  if (!port) return core_->media_failed(order.call, port.error(), now);
  if (!media_) {
    // The thread itself starts with the first call and ends with the last.
    auto notify = [this, alive = std::weak_ptr<int>(alive_)] {
      boost::asio::post(io_, [this, alive] {
        if (!alive.expired()) take_media_events();
      });
    };
    media::MediaThreadSettings media;
    media.device = settings_.device;
    media.cname = fmt::format("{}@{}", random_.token(12), order.ip.to_string());
    media_ = std::make_unique<media::MediaThread>(media, notify, log_);
  }
  const auto rtp_port = (*port)->rtp_port();
  media::StreamSettings stream;
  stream.ssrc = static_cast<std::uint32_t>(random_.next());  // RFC 3550 §5.1: random start values
  stream.first_sequence = static_cast<std::uint16_t>(random_.next() & 0x7fff);
  stream.first_timestamp = static_cast<std::uint32_t>(random_.next());
  const auto choice = settings_.choose_media ? settings_.choose_media(order) : MediaChoice{};
  media_->open(media_id(order.call), std::move(*port), stream);
  media_->set_source(media_id(order.call), choice.source);
  media_->set_sink(media_id(order.call), choice.sink);
  core_->media_ready(order.call, {order.ip, rtp_port, static_cast<std::uint16_t>(rtp_port + 1)}, now);
  watch_quality();
}

void PhoneEngine::carry_out(const endpoint::ApplyPlan& order, Time) {
  media_->apply(media_id(order.call), order.plan);
}

void PhoneEngine::carry_out(const endpoint::SetMuted& order, Time) {
  media_->set_muted(media_id(order.call), order.muted);
}

void PhoneEngine::carry_out(const endpoint::SendDigits& order, Time) {
  media_->send_dtmf(media_id(order.call), order.digits, order.tone, order.gap);
}

void PhoneEngine::carry_out(const endpoint::CloseMedia& order, Time now) {
  if (media_)
    media_->close(media_id(order.call));  // its last event brings the figures
  else
    core_->media_closed(order.call, {}, now);
}

void PhoneEngine::carry_out(const endpoint::PlayTone& order, Time) {
  if (!settings_.local_tones || !media_) return;
  using std::chrono::milliseconds;
  switch (order.tone) {
    case endpoint::LocalTone::none: return media_->play_local(media::FromSilence{});
    case endpoint::LocalTone::ringing:
      return media_->play_local(media::FromTone{800, 1000, milliseconds(1000), milliseconds(2000)});
    case endpoint::LocalTone::call_waiting:
      return media_->play_local(media::FromTone{425, 0, milliseconds(200), milliseconds(4000)});
    case endpoint::LocalTone::ringback:  // ITU-T E.180: 425 Hz, 1 s on, 4 s off
      return media_->play_local(media::FromTone{425, 0, milliseconds(1000), milliseconds(4000)});
  }
}

// --- media facts

void PhoneEngine::take_media_events() {
  while (auto event = media_->poll_event()) take(*event);
  host_.drain();
}

void PhoneEngine::take(const media::MediaEvent& event) {
  const CallId call{event.id.value};
  const Time now = host_.now();
  if (const auto* last = std::get_if<media::StreamStatistics>(&event.what))
    return core_->media_closed(call, quality_of(*last), now);
  if (const auto* error = std::get_if<Error>(&event.what)) return core_->media_warning(*error);
  const auto& fact = std::get<media::StreamEvent>(event.what);
  switch (fact.kind) {
    case media::StreamEvent::Kind::first_rtp: return core_->media_started(call);
    case media::StreamEvent::Kind::dtmf: return core_->digit_heard(call, fact.digit, fact.duration);
    case media::StreamEvent::Kind::dtmf_sent: return core_->digits_sent(call);
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
    for (const auto& call : core_->snapshot().calls)
      core_->quality(call.call, quality_of(media_->statistics(media_id(call.call))),
                     call.state == CallState::connected);
    host_.drain();
    watch_quality();
  });
}

}  // namespace sidetone::engine
