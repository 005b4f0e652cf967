#include "media/audio_stream.h"

#include <algorithm>
#include <cstring>

#include "media/dtmf_detector.h"
#include "media/library_scope.h"
#include "media/receive_gain.h"
#include "media/receive_side.h"
#include "media/send_side.h"
#include "media/stream_quality.h"
#include "media/voice_activity.h"
#include "rtp/reports.h"
#include "rtp/rtcp_interval.h"
#include "rtp/srtp_session.h"
#include "rtp/telephone_event.h"

namespace sidetone::media {
namespace {

using namespace std::chrono_literals;

// 5 % of a G.711 call with headers (RFC 3550 §6.2), in bytes a second.
constexpr double rtcp_bandwidth = 0.05 * 80000 / 8;
// A quality figure for the last interval is worth something after so many packets' time.
constexpr int quality_interval_ticks = 500;

}  // namespace

struct AudioStream::Impl {
  explicit Impl(StreamSettings settings)
      : random(std::uint64_t{settings.ssrc} << 32 | settings.first_timestamp),
        reports(settings.cname),
        send(settings),
        hears_tones(settings.hears_tones),
        receive(std::move(settings.g729), settings.jitter_delay_min),
        gain(settings.level_received ? std::make_unique<ReceiveGain>() : nullptr) {}

  SeededRandom random;
  codec::MediaPlan plan;
  bool planned = false;
  bool closed = false;
  rtp::Reports reports;
  Outbox outbox;
  EventRing events;
  SendSide send;
  bool hears_tones;
  DtmfDetector detector;
  std::array<Time, 16> own_tones{};  // when each was last sent, by its event
  ReceiveSide receive;
  std::unique_ptr<ReceiveGain> gain;  // rx_agc_mode
  rtp::SrtpSession srtp;
  std::optional<Address> rtcp_from;  // where the peer's RTCP came from
  Time rtcp_due = Time::max();
  bool rtcp_sent = false;
  std::uint64_t sent_before_last_report = 0, sent_at_last_report = 0;
  Time activity{};
  bool collided = false;
  bool inactivity_told = false;
  int quality_ticks = 0;
  // Where the last two intervals ended.
  struct Mark {
    rtp::LossBursts::Counts losses;
    JitterBuffer::Counts buffer;
  };
  std::optional<Mark> interval_end;
  double interval_rating = 0;  // of the last whole one; 0: nothing was expected in it
  VoiceActivity voice_said, voice_heard;
  Time time{};  // of the last tick

  [[nodiscard]] std::optional<Address> rtcp_to() const;
  void schedule_rtcp(Time now);
  void send_rtcp(bool bye, Time now);
  void receive_rtp(std::span<const std::uint8_t> bytes, const Address& from, Time now);
  void receive_rtcp(std::span<const std::uint8_t> bytes, const Address& from, Time now);
  void leave_ssrc(Time now);
  void seal();
  void hear_digits(const Frame& heard, Time now);
  void tell_key_news();
  [[nodiscard]] std::optional<std::span<const std::uint8_t>> unsealed(std::span<const std::uint8_t> bytes,
                                                                      bool rtcp, const Address& from,
                                                                      Time now);
  [[nodiscard]] bool is_expected_host(const IpAddress& ip) const;
  void end_interval();
  void watch_inactivity(Time now);
  [[nodiscard]] HeardStream heard_stream();
};

std::optional<Address> AudioStream::Impl::rtcp_to() const {
  if (plan.rtcp_mux) return receive.latch().to();
  if (rtcp_from) return rtcp_from;
  if (plan.remote_rtcp.ip.is_unspecified() || plan.remote_rtcp.port == 0) return std::nullopt;
  return plan.remote_rtcp;
}

void AudioStream::Impl::schedule_rtcp(Time now) {
  rtp::RtcpLoad load;
  load.we_sent = send.packets() > sent_before_last_report;
  load.senders = (load.we_sent ? 1 : 0) + (receive.packets() > 0 ? 1 : 0);
  load.rtcp_bandwidth_bytes_per_s = rtcp_bandwidth;
  load.average_size_bytes = reports.average_size();
  load.initial = !rtcp_sent;
  rtcp_due = now + rtp::rtcp_interval(load, random);
}

void AudioStream::Impl::send_rtcp(bool bye, Time now) {
  const auto to = rtcp_to();
  if (!to) return;
  auto* packet = outbox.add();
  if (packet == nullptr) return;
  rtp::Reports::Own own{send.ssrc(), std::nullopt, bye};
  if (send.packets() > sent_before_last_report)
    own.sent =
        rtp::SenderInfo{rtp::ntp_from(now), send.timestamp(), static_cast<std::uint32_t>(send.packets()),
                        static_cast<std::uint32_t>(send.bytes())};
  const auto source = receive.latch().ssrc();
  if (plan.extended_reports && source) own.metrics = voip_metrics(heard_stream(), *source);
  packet->rtcp = !plan.rtcp_mux;  // which of the two ports it leaves by
  packet->to = *to;
  packet->size = static_cast<std::uint16_t>(
      reports.write(packet->bytes, own, receive.reception(), source.value_or(0), now));
  sent_before_last_report = sent_at_last_report;
  sent_at_last_report = send.packets();
  rtcp_sent = true;
}

// What waits in the outbox leaves as agreed, or not at all.
void AudioStream::Impl::seal() {
  if (!srtp.is_secured()) return;
  outbox.seal([this](OutgoingPacket& packet) {
    const LibraryScope scope;
    const bool rtcp = rtp::classify(packet.view()) == rtp::PacketKind::rtcp;
    std::size_t size = packet.size;
    if (!srtp.protect(packet.bytes, size, rtcp)) return false;
    packet.size = static_cast<std::uint16_t>(size);
    return true;
  });
}

// A forged packet from elsewhere is a stranger's, which the flood watch wants to know.
std::optional<std::span<const std::uint8_t>> AudioStream::Impl::unsealed(std::span<const std::uint8_t> bytes,
                                                                         bool rtcp, const Address& from,
                                                                         Time now) {
  const LibraryScope scope;
  const auto clear = srtp.unprotect(bytes, rtcp, now);
  if (!clear && !is_expected_host(from.ip)) receive.count_foreign();
  tell_key_news();
  return clear;
}

void AudioStream::Impl::tell_key_news() {
  using News = rtp::SrtpReceiver::KeyNews;
  switch (srtp.take_key_news()) {
    case News::none: break;
    case News::ages: events.push({StreamEvent::Kind::srtp_key_ages, 0, 0ms, {}}); break;
    case News::used_up: events.push({StreamEvent::Kind::srtp_key_used_up, 0, 0ms, {}}); break;
  }
}

bool AudioStream::Impl::is_expected_host(const IpAddress& ip) const {
  return receive.latch().is_peer_host(ip) || ip == plan.remote_rtcp.ip;
}

void AudioStream::Impl::receive_rtp(std::span<const std::uint8_t> bytes, const Address& from, Time now) {
  const auto clear = unsealed(bytes, false, from, now);
  if (!clear) return;
  const auto packet = rtp::parse_packet(*clear);
  if (!packet) return;
  const auto result = receive.take(*packet, from, now, events);
  if (!result.accepted) return;
  activity = now;
  inactivity_told = false;
  if (result.new_ssrc) reports.forget_peer();
  if (packet->header.ssrc == send.ssrc()) leave_ssrc(now);
}

// RFC 3550 §8.2: on a collision say BYE with the old SSRC and take another. Once: a peer that mirrors our
// packets would make us flee forever.
void AudioStream::Impl::leave_ssrc(Time now) {
  if (collided) return;
  collided = true;
  send_rtcp(true, now);
  send.set_ssrc(static_cast<std::uint32_t>(random.next()));
}

void AudioStream::Impl::receive_rtcp(std::span<const std::uint8_t> bytes, const Address& from, Time now) {
  if (!is_expected_host(from.ip)) {
    receive.count_foreign();
    return;
  }
  const auto clear = unsealed(bytes, true, from, now);
  if (!clear) return;
  const auto heard = reports.receive(*clear, send.ssrc(), receive.latch().ssrc(), now);
  if (!heard.valid) return;
  activity = now;
  inactivity_told = false;
  rtcp_from = from;
  if (reports.about_us()) send.expect_loss(reports.about_us()->fraction_lost / 256.0);
  if (heard.bye) events.push({StreamEvent::Kind::rtcp_bye, 0, 0ms, from});
}

// A far end that sends telephone-events sends its digits so; some let the tone through as well. And a tone of
// ours that comes back is no key of theirs: lines have echoes.
void AudioStream::Impl::hear_digits(const Frame& heard, Time now) {
  constexpr Duration echo_max = 2s;
  if (!hears_tones || !plan.receive) return;
  const auto digit = detector.listen(heard);
  if (!digit || receive.heard_events()) return;
  const auto sent_at = own_tones.at(*rtp::event_of_digit(digit->digit));
  if (sent_at != Time{} && now - sent_at < echo_max) return;
  events.push({StreamEvent::Kind::dtmf_tones, digit->digit, digit->duration, {}});
}

HeardStream AudioStream::Impl::heard_stream() {
  receive.take_discards();
  HeardStream stream;
  if (const auto* format = receive.format()) stream.codec = format->codec;
  const auto buffer = receive.buffer();
  stream.losses = receive.losses();
  stream.packet_time = receive.packet_time();
  stream.round_trip = reports.round_trip();
  stream.buffer = buffer.mean_delay({});
  stream.buffer_target = buffer.mean_target({});
  stream.collecting = plan.ptime;
  stream.signal_level = voice_heard.signal_level();
  stream.noise_level = voice_heard.noise_level();
  return stream;
}

void AudioStream::Impl::end_interval() {
  auto stream = heard_stream();
  const Mark now{stream.losses.counts(), receive.buffer()};
  const auto before = interval_end.value_or(Mark{});
  const auto losses = now.losses.since(before.losses);
  stream.buffer = now.buffer.mean_delay(before.buffer);
  interval_rating = losses.expected == 0 ? 0
                                         : rtp::rating(impairment_of(stream.codec), rtp::loss_pattern(losses),
                                                       stream.one_way());
  interval_end = now;
}

// rtp_inactivity_timeout: RTCP is a sign of life, too.
void AudioStream::Impl::watch_inactivity(Time now) {
  if (plan.inactivity_max.count() == 0 || inactivity_told || now - activity < plan.inactivity_max) return;
  inactivity_told = true;
  events.push({StreamEvent::Kind::inactive, 0, 0ms, {}});
}

AudioStream::AudioStream(StreamSettings settings) : impl_(std::make_unique<Impl>(std::move(settings))) {}
AudioStream::~AudioStream() = default;

bool AudioStream::is_on_music() const { return impl_->planned && impl_->plan.send_music; }
bool AudioStream::is_sending() const { return impl_->planned && impl_->plan.send; }
bool AudioStream::is_receiving() const { return impl_->planned && impl_->plan.receive; }

void AudioStream::apply(const codec::MediaPlan& plan, Time now) {
  if (impl_->closed) return;
  if (plan.inactivity_max != impl_->plan.inactivity_max) {  // from hold, for one: the time begins anew
    impl_->activity = now;
    impl_->inactivity_told = false;
  }
  const bool rtcp_moved = plan.remote_rtcp != impl_->plan.remote_rtcp;
  impl_->plan = plan;
  {
    const LibraryScope scope;
    impl_->srtp.apply(plan.srtp, now);
  }
  if (rtcp_moved) impl_->rtcp_from.reset();
  impl_->receive.apply(plan, now);
  impl_->send.apply(plan);
  if (!impl_->planned) {
    impl_->planned = true;
    impl_->activity = now;
    impl_->schedule_rtcp(now);
  }
}

bool AudioStream::send_dtmf(std::string_view digits, std::chrono::milliseconds tone,
                            std::chrono::milliseconds gap, DigitWay way) {
  return !impl_->closed && impl_->send.push_digits(digits, tone, gap, way);
}

char AudioStream::sounding_digit() const { return impl_->send.sounding_digit(); }

void AudioStream::receive(std::span<const std::uint8_t> packet, bool rtcp, const Address& from, Time now) {
  if (!impl_->planned || impl_->closed) return;
  switch (rtp::classify(packet)) {
    case rtp::PacketKind::rtp:
      if (!rtcp) impl_->receive_rtp(packet, from, now);
      break;
    case rtp::PacketKind::rtcp:  // on either port: some peers multiplex without saying so
      impl_->receive_rtcp(packet, from, now);
      break;
    default: impl_->receive.count_foreign();
  }
  impl_->seal();  // a BYE on a collision
}

void AudioStream::playout(Frame& heard, Time now) {
  impl_->time = now;
  impl_->receive.playout(heard, now, impl_->events);
  impl_->hear_digits(heard, now);
  const auto kind = impl_->receive.heard_last();
  if (kind == JitterBuffer::Heard::normal || kind == JitterBuffer::Heard::concealed)
    impl_->voice_heard.look(heard);
  else
    impl_->voice_heard.pass();
  if (impl_->gain && kind != JitterBuffer::Heard::silent) impl_->gain->level(heard);
  if (++impl_->quality_ticks >= quality_interval_ticks) {
    impl_->quality_ticks = 0;
    impl_->end_interval();
  }
}

void AudioStream::capture(const Frame& said, Time now) {
  if (impl_->closed || !impl_->planned) return;
  if (impl_->plan.send)
    impl_->voice_said.look(said);
  else
    impl_->voice_said.pass();
  impl_->send.capture(said, impl_->receive.latch().to(), impl_->outbox, impl_->events);
  if (const auto event = rtp::event_of_digit(impl_->send.sounding_tone())) impl_->own_tones.at(*event) = now;
  impl_->seal();
}

void AudioStream::on_time(Time now) {
  if (impl_->closed) return;
  impl_->watch_inactivity(now);
  if (now < impl_->rtcp_due) return;
  impl_->send_rtcp(false, now);
  impl_->seal();
  impl_->schedule_rtcp(now);
}

Time AudioStream::deadline() const { return impl_->rtcp_due; }
std::span<const OutgoingPacket> AudioStream::outgoing() const { return impl_->outbox.packets(); }
void AudioStream::clear_outgoing() { impl_->outbox.clear(); }
std::optional<StreamEvent> AudioStream::poll_event() { return impl_->events.pop(); }
Time AudioStream::peer_heard_at() const { return impl_->receive.latch().heard_at(); }
std::uint32_t AudioStream::foreign_packets() const { return impl_->receive.foreign(); }
Time AudioStream::last_activity() const { return impl_->activity; }

void PeerHosts::add(const IpAddress& ip) {
  if (ip.is_unspecified() || std::find(ips.begin(), ips.begin() + count, ip) != ips.begin() + count) return;
  ips[count++] = ip;
}

PeerHosts AudioStream::peer_hosts() const {
  const auto& latch = impl_->receive.latch();
  PeerHosts hosts;
  if (!latch.from()) return hosts;
  hosts.add(latch.from()->ip);
  if (latch.signalled()) hosts.add(latch.signalled()->ip);
  hosts.add(impl_->plan.remote_rtcp.ip);
  return hosts;
}

void AudioStream::close(Time now) {
  if (impl_->closed || !impl_->planned) return;
  impl_->send_rtcp(true, now);
  impl_->seal();
  impl_->closed = true;
  impl_->rtcp_due = Time::max();
}

StreamStatistics AudioStream::statistics() const {
  auto& from = *impl_;
  StreamStatistics to;
  to.local_ssrc = from.send.ssrc();
  to.packets_sent = from.send.packets();
  to.bytes_sent = from.send.bytes();
  from.receive.fill(to);
  if (to.packets_received > 0) to.last_packet_ago = from.time - from.receive.last_packet_at();
  to.srtp_forged = from.srtp.counts().forged;
  to.srtp_replayed = from.srtp.counts().replayed;
  to.srtp_expired = from.srtp.counts().expired;
  to.fraction_lost = from.reports.own_fraction_lost() / 256.0;
  to.round_trip = from.reports.round_trip();
  to.peer_sent = from.reports.peer_sent();
  to.peer_heard = from.reports.about_us();
  if (to.peer_heard)
    to.remote_jitter = std::chrono::microseconds{std::uint64_t{to.peer_heard->jitter} * 1000000 /
                                                 static_cast<std::uint64_t>(from.send.clock_hz())};
  to.peer_metrics = from.reports.metrics_about_us();
  to.frames_voice_said = from.voice_said.active_frames();
  to.frames_voice_heard = from.voice_heard.active_frames();
  to.voice_said = from.voice_said.active();
  to.voice_heard = from.voice_heard.active();
  fill(from.heard_stream(), to);
  if (to.mos > 0) to.mos_interval = to.mos;
  if (from.interval_end)
    to.mos_interval = from.interval_rating > 0 ? rtp::mos_of_rating(from.interval_rating) : 0;
  return to;
}

}  // namespace sidetone::media
