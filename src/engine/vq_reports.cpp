#include "engine/vq_reports.h"

#include "rtp/loss_bursts.h"

namespace sidetone::engine {
namespace {

using media::StreamStatistics;
using rtp::VoipMetrics;
using rtp::VqMetrics;

constexpr int enhanced_concealment = 2, adaptive_buffer = 3;  // RFC 3611 §4.7.6
constexpr double percent_of_256 = 100 / 256.0;

int whole_ms(std::chrono::microseconds time) { return static_cast<int>((time.count() + 500) / 1000); }

std::optional<int> level(int dbm0) { return dbm0 == 127 ? std::nullopt : std::optional(dbm0); }

std::optional<double> known(std::uint8_t value, double unit) {
  return value == VoipMetrics::unavailable ? std::nullopt : std::optional(value * unit);
}

VqMetrics::Session session_of(const endpoint::ReportFacts& facts, const StreamStatistics& s) {
  const auto& entry = codec::catalogue(s.received_format.codec);
  VqMetrics::Session session;
  session.payload_type = s.received_format.payload_type;
  session.codec = entry.name;
  session.sample_rate_hz = entry.sample_rate_hz;
  session.fmtp = s.received_format.fmtp;
  session.leaves_out_silence = facts.leaves_out_silence;
  if (const auto ms = whole_ms(s.packet_time); ms > 0) {
    session.packets_per_second = 1000 / ms;
    session.frame_ms = ms;  // of a sample-based codec a frame is what one packet holds
    session.frames_per_packet = 1;
  }
  return session;
}

void put_loss(VqMetrics& to, const StreamStatistics& s) {
  to.loss_rate = 100 * s.loss_rate;
  to.discard_rate = 100 * s.discard_rate;
  to.bursts = VqMetrics::Bursts{100 * s.burst_density, 100 * s.gap_density, whole_ms(s.burst_length),
                                whole_ms(s.gap_length), static_cast<int>(rtp::LossBursts::gmin)};
}

void put_estimates(VqMetrics& to, const StreamStatistics& s) {
  if (s.mos <= 0) return;
  to.r_listening = s.r_listening;
  to.r_conversation = s.r_factor;
  to.mos_listening = s.mos_listening;
  to.mos_conversation = s.mos;
  to.algorithm = "G.107";
}

VqMetrics local_metrics(const endpoint::ReportFacts& facts, const StreamStatistics& s) {
  VqMetrics local;
  if (s.round_trip.count() > 0) local.round_trip = whole_ms(s.round_trip);
  if (s.packets_received == 0) return local;
  local.session = session_of(facts, s);
  local.concealment = enhanced_concealment;
  local.buffer_adaptive = adaptive_buffer;
  local.buffer_nominal = whole_ms(s.buffer_target);
  local.buffer_maximum = local.buffer_absolute_maximum = s.buffer_maximum_ms;
  put_loss(local, s);
  local.end_system = whole_ms(s.end_system_delay);
  local.jitter = whole_ms(s.jitter);
  local.signal_level = level(s.signal_level);
  local.noise_level = level(s.noise_level);
  put_estimates(local, s);
  return local;
}

VqMetrics remote_metrics(const VoipMetrics& m) {
  VqMetrics remote;
  remote.concealment = m.receiver_configuration >> 6;
  remote.buffer_adaptive = m.receiver_configuration >> 4 & 3;
  remote.buffer_nominal = m.buffer_nominal_ms;
  remote.buffer_maximum = m.buffer_maximum_ms;
  remote.buffer_absolute_maximum = m.buffer_absolute_maximum_ms;
  remote.loss_rate = percent_of_256 * m.loss_rate;
  remote.discard_rate = percent_of_256 * m.discard_rate;
  remote.bursts = VqMetrics::Bursts{percent_of_256 * m.burst_density, percent_of_256 * m.gap_density,
                                    m.burst_ms, m.gap_ms, m.gmin};
  if (m.round_trip_ms != 0) remote.round_trip = m.round_trip_ms;
  if (m.end_system_ms != 0) remote.end_system = m.end_system_ms;
  remote.signal_level = level(m.signal_level);
  remote.noise_level = level(m.noise_level);
  if (m.echo_return_loss != VoipMetrics::unavailable) remote.echo_return_loss = m.echo_return_loss;
  remote.r_conversation = known(m.r_factor, 1);
  remote.mos_listening = known(m.mos_lq, 0.1);
  remote.mos_conversation = known(m.mos_cq, 0.1);
  return remote;
}

}  // namespace

rtp::VqReport vq_report(const endpoint::ReportFacts& facts, const StreamStatistics& stream, Time now,
                        std::chrono::system_clock::time_point wall) {
  rtp::VqReport report;
  report.call_id = facts.dialog.call_id;
  // From and To are those of the INVITE: the caller's tag is the From tag (RFC 3261 §12).
  report.from_tag = facts.incoming ? facts.dialog.remote_tag : facts.dialog.local_tag;
  report.to_tag = facts.incoming ? facts.dialog.local_tag : facts.dialog.remote_tag;
  report.local_uri = facts.dialog.local_uri;
  report.remote_uri = facts.dialog.remote_uri;
  report.caller_uri = facts.incoming ? report.remote_uri : report.local_uri;
  report.local = facts.local;
  report.remote = facts.remote;
  report.local_ssrc = stream.local_ssrc;
  report.remote_ssrc = stream.remote_ssrc;
  report.local_metrics = local_metrics(facts, stream);
  if (stream.peer_metrics) report.remote_metrics = remote_metrics(*stream.peer_metrics);
  auto& local = report.local_metrics;
  if (local.round_trip && local.end_system && report.remote_metrics && report.remote_metrics->end_system)
    local.symmetric_one_way =
        (*local.round_trip + *local.end_system + *report.remote_metrics->end_system) / 2;
  local.stop = std::chrono::floor<std::chrono::seconds>(wall);
  local.start = std::chrono::floor<std::chrono::seconds>(wall - (now - facts.connected_at));
  if (report.remote_metrics) {
    report.remote_metrics->start = local.start;
    report.remote_metrics->stop = local.stop;
  }
  return report;
}

}  // namespace sidetone::engine
