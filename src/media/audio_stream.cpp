#include "media/audio_stream.h"

#include <algorithm>
#include <cstring>

#include "media/library_scope.h"
#include "media/receive_side.h"
#include "media/send_side.h"
#include "rtp/mos.h"
#include "rtp/reports.h"
#include "rtp/rtcp_interval.h"
#include "rtp/srtp_session.h"

namespace sidetone::media {
namespace {

using namespace std::chrono_literals;

// 5 % of a G.711 call with headers (RFC 3550 §6.2), in bytes a second.
constexpr double rtcp_bandwidth = 0.05 * 80000 / 8;
// A quality figure for the last interval is worth something after so many packets' time.
constexpr int quality_interval_ticks = 500;

rtp::CodecImpairment impairment_of(codec::AudioCodec codec) {
  switch (codec) {
    case codec::AudioCodec::g722: return rtp::impairment_g722;
    case codec::AudioCodec::opus: return rtp::impairment_opus;
    case codec::AudioCodec::isac16:
    case codec::AudioCodec::isac32: return rtp::impairment_isac;
    case codec::AudioCodec::ilbc: return rtp::impairment_ilbc;
    case codec::AudioCodec::g729: return rtp::impairment_g729;
    default: return rtp::impairment_g711;
  }
}

double loss_fraction(std::uint64_t expected, std::uint64_t played) {
  if (expected == 0 || played >= expected) return 0;
  return static_cast<double>(expected - played) / static_cast<double>(expected);
}

}  // namespace

struct AudioStream::Impl {
  explicit Impl(StreamSettings settings)
      : random(std::uint64_t{settings.ssrc} << 32 | settings.first_timestamp),
        reports(settings.cname),
        send(settings),
        receive(std::move(settings.g729)) {}

  SeededRandom random;
  codec::MediaPlan plan;
  bool planned = false;
  bool closed = false;
  rtp::Reports reports;
  Outbox outbox;
  EventRing events;
  SendSide send;
  ReceiveSide receive;
  rtp::SrtpSession srtp;
  std::optional<Address> rtcp_from;  // where the peer's RTCP came from
  Time rtcp_due = Time::max();
  bool rtcp_sent = false;
  std::uint64_t sent_before_last_report = 0, sent_at_last_report = 0;
  Time activity{};
  bool collided = false;
  int quality_ticks = 0;
  ReceiveSide::Tally interval_start, interval_end;

  [[nodiscard]] std::optional<Address> rtcp_to() const;
  void schedule_rtcp(Time now);
  void send_rtcp(bool bye, Time now);
  void receive_rtp(std::span<const std::uint8_t> bytes, const Address& from, Time now);
  void receive_rtcp(std::span<const std::uint8_t> bytes, const Address& from, Time now);
  void leave_ssrc(Time now);
  void seal();
  [[nodiscard]] std::optional<std::span<const std::uint8_t>> unsealed(std::span<const std::uint8_t> bytes,
                                                                      bool rtcp, const Address& from,
                                                                      Time now);
  [[nodiscard]] bool is_expected_host(const IpAddress& ip) const;
  [[nodiscard]] double mos(const ReceiveSide::Tally& from, const ReceiveSide::Tally& to) const;
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
  packet->rtcp = !plan.rtcp_mux;  // which of the two ports it leaves by
  packet->to = *to;
  packet->size = static_cast<std::uint16_t>(
      reports.write(packet->bytes, own, receive.reception(), receive.latch().ssrc().value_or(0), now));
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
  return clear;
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
  rtcp_from = from;
  if (reports.about_us()) send.expect_loss(reports.about_us()->fraction_lost / 256.0);
  if (heard.bye) events.push({StreamEvent::Kind::rtcp_bye, 0, 0ms, from});
}

double AudioStream::Impl::mos(const ReceiveSide::Tally& from, const ReceiveSide::Tally& to) const {
  if (to.expected == from.expected) return 0;
  const auto loss = loss_fraction(to.expected - from.expected, to.played - std::min(to.played, from.played));
  const auto delay = reports.round_trip() / 2 + receive.buffer_delay() + plan.ptime;
  const auto* format = receive.format();
  const auto codec = format != nullptr ? format->codec : codec::AudioCodec::pcmu;
  return rtp::mos_of_rating(rtp::rating(impairment_of(codec), loss, delay));
}

AudioStream::AudioStream(StreamSettings settings) : impl_(std::make_unique<Impl>(std::move(settings))) {}
AudioStream::~AudioStream() = default;

bool AudioStream::is_on_music() const { return impl_->planned && impl_->plan.send_music; }
bool AudioStream::is_sending() const { return impl_->planned && impl_->plan.send; }
bool AudioStream::is_receiving() const { return impl_->planned && impl_->plan.receive; }

void AudioStream::apply(const codec::MediaPlan& plan, Time now) {
  if (impl_->closed) return;
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

void AudioStream::set_muted(bool muted) { impl_->send.set_muted(muted); }

bool AudioStream::send_dtmf(std::string_view digits, std::chrono::milliseconds tone,
                            std::chrono::milliseconds gap) {
  return !impl_->closed && impl_->send.push_digits(digits, tone, gap);
}

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
  impl_->receive.playout(heard, now, impl_->events);
  if (++impl_->quality_ticks >= quality_interval_ticks) {
    impl_->quality_ticks = 0;
    impl_->interval_start = impl_->interval_end;
    impl_->interval_end = impl_->receive.tally();
  }
}

void AudioStream::capture(const Frame& said, Time now) {
  static_cast<void>(now);  // the RTP clock counts frames
  if (impl_->closed || !impl_->planned) return;
  impl_->send.capture(said, impl_->receive.latch().to(), impl_->outbox, impl_->events);
  impl_->seal();
}

void AudioStream::on_time(Time now) {
  if (now < impl_->rtcp_due || impl_->closed) return;
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
  const auto& from = *impl_;
  StreamStatistics to;
  to.packets_sent = from.send.packets();
  to.bytes_sent = from.send.bytes();
  from.receive.fill(to);
  to.srtp_forged = from.srtp.counts().forged;
  to.srtp_replayed = from.srtp.counts().replayed;
  to.srtp_expired = from.srtp.counts().expired;
  to.fraction_lost = from.reports.own_fraction_lost() / 256.0;
  to.round_trip = from.reports.round_trip();
  if (const auto& about_us = from.reports.about_us()) {
    to.remote_packets_lost = static_cast<std::uint64_t>(std::max(0, about_us->cumulative_lost));
    to.remote_fraction_lost = about_us->fraction_lost / 256.0;
    to.remote_jitter = std::chrono::microseconds{std::uint64_t{about_us->jitter} * 1000000 /
                                                 static_cast<std::uint64_t>(from.send.clock_hz())};
  }
  const auto tally = from.receive.tally();
  to.mos = from.mos({}, tally);
  to.mos_interval = from.interval_end.expected > from.interval_start.expected
                        ? from.mos(from.interval_start, from.interval_end)
                        : to.mos;
  return to;
}

}  // namespace sidetone::media
