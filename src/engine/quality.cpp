#include "engine/quality.h"

#include <fmt/format.h>

namespace sidetone::engine {
namespace {

using media::StreamStatistics;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

LocalStatistics local_of(const StreamStatistics& s) {
  LocalStatistics local;
  local.packets_sent = s.packets_sent;
  local.bytes_sent = s.bytes_sent;
  local.packets_received = s.packets_received;
  local.bytes_received = s.bytes_received;
  local.fraction_lost = s.fraction_lost;
  local.packets_lost = s.packets_lost;
  local.jitter = s.jitter;
  local.packets_discarded = s.packets_discarded;
  local.packets_duplicated = s.packets_duplicated;
  local.packets_repaired = s.packets_repaired;
  local.packets_foreign = s.foreign_packets;
  local.srtp_discarded = s.srtp_forged + s.srtp_replayed + s.srtp_expired;
  return local;
}

JitterBufferStatistics buffer_of(const StreamStatistics& s) {
  JitterBufferStatistics buffer;
  buffer.packets_received = s.packets_received;
  buffer.last_packet_ago = duration_cast<milliseconds>(s.last_packet_ago.value_or(milliseconds{0}));
  buffer.frames_normal = s.frames_normal;
  buffer.frames_concealed = s.frames_concealed;
  buffer.frames_noise = s.frames_noise;
  buffer.frames_silent = s.frames_silent;
  buffer.delay = s.buffer_delay;
  buffer.target = s.buffer_target;
  return buffer;
}

std::optional<int> level(int dbm0) { return dbm0 == 127 ? std::nullopt : std::optional(dbm0); }

VoiceStatistics voice_of(const StreamStatistics& s) {
  VoiceStatistics voice;
  voice.out_known = s.packets_sent > 0;
  voice.in_known = s.packets_received > 0;
  voice.frames_active_out = s.frames_voice_said;
  voice.frames_active_in = s.frames_voice_heard;
  voice.active_out = s.voice_said;
  voice.active_in = s.voice_heard;
  voice.signal_level = level(s.signal_level);
  voice.noise_level = level(s.noise_level);
  return voice;
}

LossStatistics loss_of(const StreamStatistics& s) {
  return {s.loss_rate,
          s.discard_rate,
          s.burst_density,
          s.gap_density,
          duration_cast<milliseconds>(s.burst_length),
          duration_cast<milliseconds>(s.gap_length)};
}

// RFC 3611 §4.7: 127 is "unavailable".
std::optional<double> known(std::uint8_t value, double unit) {
  return value == rtp::VoipMetrics::unavailable ? std::nullopt : std::optional(value * unit);
}

ExtendedReport extended_of(const rtp::VoipMetrics& m) {
  ExtendedReport report;
  report.loss = {m.loss_rate / 256.0,   m.discard_rate / 256.0,   m.burst_density / 256.0,
                 m.gap_density / 256.0, milliseconds{m.burst_ms}, milliseconds{m.gap_ms}};
  report.round_trip = milliseconds{m.round_trip_ms};
  report.end_system = milliseconds{m.end_system_ms};
  report.r_factor = known(m.r_factor, 1);
  report.mos_listening = known(m.mos_lq, 0.1);
  report.mos_conversation = known(m.mos_cq, 0.1);
  return report;
}

}  // namespace

CallStatistics statistics_of(const StreamStatistics& s) {
  CallStatistics all;
  all.mos = {s.mos, s.mos_interval, s.mos_listening, s.r_factor};
  if (s.packets_sent + s.packets_received > 0) {
    all.local = local_of(s);
    all.voice = voice_of(s);
  }
  if (s.peer_sent) all.remote_sender = RemoteSender{s.peer_sent->packets, s.peer_sent->bytes};
  if (s.peer_heard)
    all.remote_receiver = RemoteReceiver{s.peer_heard->fraction_lost / 256.0, s.peer_heard->cumulative_lost,
                                         s.remote_jitter, s.round_trip};
  if (s.peer_metrics) all.extended_report = extended_of(*s.peer_metrics);
  if (s.packets_received == 0) return all;
  all.jitter_buffer = buffer_of(s);
  all.timing = TimingStatistics{s.ticks.ticks, s.ticks.late, s.ticks.skipped, s.ticks.latest,
                                s.ticks.device_underruns};
  all.loss = loss_of(s);
  const auto& entry = codec::catalogue(s.received_format.codec);
  all.codec =
      CodecStatistics{s.received_format.payload_type, fmt::format("{}/{}", entry.name, entry.sample_rate_hz)};
  return all;
}

}  // namespace sidetone::engine
