#include "connector/statistics_json.h"

#include <cmath>

#include "connector/json.h"

namespace sidetone::connector {
namespace {

using boost::json::object;

double rounded(double value) { return std::round(value * 100) / 100; }
double percent(double fraction) { return rounded(100 * fraction); }
double ms(std::chrono::microseconds value) { return rounded(static_cast<double>(value.count()) / 1000); }

object json_of(const LocalStatistics& local) {
  return {{"packets_sent", local.packets_sent},
          {"bytes_sent", local.bytes_sent},
          {"packets_received", local.packets_received},
          {"bytes_received", local.bytes_received},
          {"lost_percent", percent(local.fraction_lost)},
          {"packets_lost", local.packets_lost},
          {"jitter_ms", ms(local.jitter)},
          {"packets_discarded", local.packets_discarded},
          {"packets_duplicated", local.packets_duplicated},
          {"packets_repaired", local.packets_repaired},
          {"packets_foreign", local.packets_foreign},
          {"srtp_discarded", local.srtp_discarded}};
}

object json_of(const RemoteSender& sender) { return {{"packets", sender.packets}, {"bytes", sender.bytes}}; }

object json_of(const RemoteReceiver& receiver) {
  return {{"lost_percent", percent(receiver.fraction_lost)},
          {"packets_lost", receiver.packets_lost},
          {"jitter_ms", ms(receiver.jitter)},
          {"round_trip_ms", ms(receiver.round_trip)}};
}

object json_of(const JitterBufferStatistics& buffer) {
  return {{"packets_received", buffer.packets_received},
          {"last_packet_ago_ms", buffer.last_packet_ago.count()},
          {"frames_normal", buffer.frames_normal},
          {"frames_concealed", buffer.frames_concealed},
          {"frames_noise", buffer.frames_noise},
          {"frames_silent", buffer.frames_silent},
          {"delay_ms", ms(buffer.delay)},
          {"target_ms", ms(buffer.target)}};
}

object json_of(const TimingStatistics& timing) {
  return {{"ticks", timing.ticks},
          {"late_ticks", timing.late_ticks},
          {"skipped_ticks", timing.skipped_ticks},
          {"latest_tick_ms", ms(timing.latest_tick)},
          {"device_underruns", timing.device_underruns}};
}

object json_of(const CodecStatistics& codec) {
  return {{"payload_type", codec.payload_type}, {"name", codec.name}};
}

object json_of(const VoiceStatistics& voice) {
  object json;
  if (voice.out_known) {
    json["frames_active_out"] = voice.frames_active_out;
    json["active_out"] = voice.active_out;
  }
  if (voice.in_known) {
    json["frames_active_in"] = voice.frames_active_in;
    json["active_in"] = voice.active_in;
  }
  if (voice.signal_level) json["signal_dbm0"] = *voice.signal_level;
  if (voice.noise_level) json["noise_dbm0"] = *voice.noise_level;
  return json;
}

object json_of(const LossStatistics& loss) {
  return {{"loss_percent", percent(loss.loss_rate)},
          {"discard_percent", percent(loss.discard_rate)},
          {"burst_density_percent", percent(loss.burst_density)},
          {"gap_density_percent", percent(loss.gap_density)},
          {"burst_ms", loss.burst_length.count()},
          {"gap_ms", loss.gap_length.count()}};
}

object json_of(const ExtendedReport& report) {
  object json{{"loss", json_of(report.loss)},
              {"round_trip_ms", report.round_trip.count()},
              {"end_system_ms", report.end_system.count()}};
  if (report.r_factor) json["r_factor"] = rounded(*report.r_factor);
  if (report.mos_listening) json["mos_listening"] = rounded(*report.mos_listening);
  if (report.mos_conversation) json["mos_conversation"] = rounded(*report.mos_conversation);
  return json;
}

object json_of(const MosStatistics& mos) {
  return {{"whole", rounded(mos.whole)},
          {"interval", rounded(mos.interval)},
          {"listening", rounded(mos.listening)},
          {"r_factor", rounded(mos.r_factor)}};
}

template <typename Group>
void put(object& json, std::string_view name, const std::optional<Group>& group) {
  if (group) json[name] = json_of(*group);
}

}  // namespace

object quality_json(const CallQuality& q) {
  return {{"packets_sent", q.packets_sent},         {"packets_received", q.packets_received},
          {"packets_lost", q.packets_lost},         {"jitter_ms", ms(q.jitter)},
          {"round_trip_ms", ms(q.round_trip)},      {"buffer_delay_ms", ms(q.buffer_delay)},
          {"srtp_discarded", q.srtp_discarded},     {"mos", rounded(q.mos)},
          {"mos_interval", rounded(q.mos_interval)}};
}

object to_json(const CallStatistics& statistics) {
  object json;
  put(json, "local", statistics.local);
  put(json, "remote_sender", statistics.remote_sender);
  put(json, "remote_receiver", statistics.remote_receiver);
  put(json, "jitter_buffer", statistics.jitter_buffer);
  put(json, "timing", statistics.timing);
  put(json, "codec", statistics.codec);
  put(json, "voice", statistics.voice);
  put(json, "loss", statistics.loss);
  put(json, "extended_report", statistics.extended_report);
  json["mos"] = json_of(statistics.mos);
  return json;
}

}  // namespace sidetone::connector
