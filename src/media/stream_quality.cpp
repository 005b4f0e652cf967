#include "media/stream_quality.h"

#include <algorithm>
#include <cmath>

namespace sidetone::media {
namespace {

using std::chrono::microseconds;

// Of our jitter buffer (jitter_buffer.cpp): enhanced concealment, adaptive, adjustment time not stated.
constexpr std::uint8_t receiver_configuration = 0b10'11'0000;
constexpr int buffer_packets_max = 200;

std::uint8_t of_256(double fraction) {  // §4.7.1: the integer part, 255 at most
  return static_cast<std::uint8_t>(std::clamp(fraction * 256, 0.0, 255.0));
}

std::uint16_t whole_ms(microseconds time) {
  return static_cast<std::uint16_t>(std::clamp<std::int64_t>((time.count() + 500) / 1000, 0, 65535));
}

double fraction(std::uint64_t part, std::uint64_t of) {
  return of == 0 ? 0 : static_cast<double>(part) / static_cast<double>(of);
}

std::uint8_t mos_times_ten(double rating) {
  return static_cast<std::uint8_t>(std::clamp(std::lround(10 * rtp::mos_of_rating(rating)), 10L, 50L));
}

double rating_at(const HeardStream& heard, microseconds delay) {
  if (heard.losses.counts().expected == 0) return 0;
  return rtp::rating(impairment_of(heard.codec), rtp::loss_pattern(heard.losses, heard.packet_time), delay);
}

}  // namespace

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

double conversation_rating(const HeardStream& heard) { return rating_at(heard, heard.one_way()); }
double listening_rating(const HeardStream& heard) { return rating_at(heard, microseconds{0}); }

rtp::VoipMetrics voip_metrics(const HeardStream& heard, std::uint32_t ssrc) {
  const auto& counts = heard.losses.counts();
  const auto pattern = rtp::loss_pattern(heard.losses, heard.packet_time);
  rtp::VoipMetrics metrics;
  metrics.ssrc = ssrc;
  metrics.loss_rate = of_256(fraction(counts.lost, counts.expected));
  metrics.discard_rate = of_256(fraction(counts.discarded, counts.expected));
  metrics.burst_density = of_256(pattern.burst_density);
  metrics.gap_density = of_256(pattern.gap_density);
  metrics.burst_ms = whole_ms(pattern.burst_length);
  metrics.gap_ms = whole_ms(pattern.gap_length);
  metrics.round_trip_ms = whole_ms(heard.round_trip);
  metrics.end_system_ms = whole_ms(heard.end_system());
  metrics.signal_level = static_cast<std::int8_t>(heard.signal_level);
  metrics.noise_level = static_cast<std::int8_t>(heard.noise_level);
  metrics.gmin = static_cast<std::uint8_t>(rtp::LossBursts::gmin);
  if (counts.expected > 0) {
    metrics.r_factor = static_cast<std::uint8_t>(std::lround(conversation_rating(heard)));
    metrics.mos_lq = mos_times_ten(listening_rating(heard));
    metrics.mos_cq = mos_times_ten(conversation_rating(heard));
  }
  metrics.receiver_configuration = receiver_configuration;
  metrics.buffer_nominal_ms = whole_ms(heard.buffer_target);
  metrics.buffer_maximum_ms = metrics.buffer_absolute_maximum_ms =
      whole_ms(heard.packet_time * buffer_packets_max);
  return metrics;
}

void fill(const HeardStream& heard, StreamStatistics& to) {
  const auto& counts = heard.losses.counts();
  const auto pattern = rtp::loss_pattern(heard.losses, heard.packet_time);
  to.packets_discarded = counts.discarded;
  to.loss_rate = fraction(counts.lost, counts.expected);
  to.discard_rate = fraction(counts.discarded, counts.expected);
  to.burst_density = pattern.burst_density;
  to.gap_density = pattern.gap_density;
  to.burst_length = pattern.burst_length;
  to.gap_length = pattern.gap_length;
  to.packet_time = heard.packet_time;
  to.signal_level = heard.signal_level;
  to.noise_level = heard.noise_level;
  to.buffer_delay = heard.buffer;
  to.buffer_target = heard.buffer_target;
  to.buffer_maximum_ms = whole_ms(heard.packet_time * buffer_packets_max);
  to.end_system_delay = heard.end_system();
  if (counts.expected == 0) return;
  to.r_factor = conversation_rating(heard);
  to.r_listening = listening_rating(heard);
  to.mos = rtp::mos_of_rating(to.r_factor);
  to.mos_listening = rtp::mos_of_rating(to.r_listening);
}

}  // namespace sidetone::media
