#include <fmt/chrono.h>
#include <fmt/format.h>

#include <cmath>

#include "connector/json.h"
#include "connector/json_names.h"
#include "connector/statistics_json.h"

namespace sidetone::connector {
namespace {

using boost::json::array;
using boost::json::object;

object line_json(const LineSnapshot& line) {
  object json{{"line", line.line.index},
              {"user", line.user},
              {"server", line.server},
              {"transport", line.transport},
              {"state", name_of(line.state)}};
  if (line.status != 0) json["status"] = line.status;
  if (!line.text.empty()) json["text"] = line.text;
  return json;
}

object call_json(const CallSnapshot& call, std::string_view engine) {
  object json{{"call", call_id_text(engine, call.call)}, {"line", call.line.index},
              {"direction", name_of(call.direction)},    {"state", name_of(call.state)},
              {"remote_number", call.remote_number},     {"remote_uri", call.remote_uri},
              {"held_by_us", call.held_by_us},           {"held_by_peer", call.held_by_peer},
              {"hold_wanted", call.hold_wanted},         {"muted", call.muted}};
  if (!call.remote_name.empty()) json["remote_name"] = call.remote_name;
  if (!call.called_number.empty()) json["called_number"] = call.called_number;
  if (!call.call_uuid.empty()) json["call_uuid"] = call.call_uuid;
  if (call.in_conference) json["in_conference"] = true;
  if (call.recording) json["recording"] = true;
  if (call.playing) json["playing"] = true;
  if (!call.codec.empty()) json["codec"] = call.codec;
  if (call.quality_alarm) json["quality_alarm"] = true;
  if (!call.srtp_suite.empty()) json["srtp_suite"] = call.srtp_suite;
  if (call.state == CallState::ended) {
    json["end_reason"] = name_of(call.end_reason);
    json["quality"] = quality_json(call.quality);
  }
  if (call.status != 0) json["status"] = call.status;
  if (call.q850_cause != 0) json["q850_cause"] = call.q850_cause;
  if (!call.end_text.empty()) json["end_text"] = call.end_text;
  if (call.related_call) json["related_call"] = call_id_text(engine, *call.related_call);
  return json;
}

std::string utc_text(std::chrono::system_clock::time_point time) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(ms);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), (ms - seconds).count());
}

array devices_json(const std::vector<DeviceSnapshot>& devices) {
  array json;
  for (const auto& device : devices) {
    object one{{"id", device.id}, {"name", device.name}};
    if (device.is_default) one["default"] = true;
    if (device.is_monitor) one["monitor"] = true;
    json.push_back(std::move(one));
  }
  return json;
}

object devices_json(const DevicesSnapshot& devices) {
  object json{{"microphones", devices_json(devices.microphones)},
              {"speakers", devices_json(devices.speakers)},
              {"microphone", devices.microphone},
              {"speaker", devices.speaker},
              {"ringer", devices.ringer},
              {"headset_wanted", devices.headset_wanted},
              {"headset_available", devices.headset_available},
              {"gain_control", devices.gain_control},
              {"echo_control", devices.echo_control},
              {"noise_suppression", devices.noise_suppression},
              {"ringer_volume", devices.ringer_volume}};
  if (!devices.text.empty()) json["text"] = devices.text;
  return json;
}

object tones_json(const TonesSnapshot& tones, std::string_view engine) {
  object json{{"alert", name_of(tones.alert)}, {"ringback", tones.ringback}};
  if (tones.alert_call) json["call"] = call_id_text(engine, tones.alert_call);
  return json;
}

object problem_json(const Problem& problem) {
  object json{{"layer", problem.layer}, {"code", problem.code}, {"text", problem.text}};
  if (!problem.remedy.empty()) json["remedy"] = problem.remedy;
  return json;
}

struct Writer {
  std::string_view engine;

  object operator()(const Started& e) const { return {{"event", "started"}, {"engine", e.engine}}; }
  object operator()(const LineChanged& e) const {
    return {{"event", "line_changed"}, {"line", line_json(e.line)}};
  }
  object operator()(const CallAdded& e) const {
    return {{"event", "call_added"}, {"call", call_json(e.call, engine)}};
  }
  object operator()(const CallChanged& e) const {
    return {{"event", "call_changed"}, {"call", call_json(e.call, engine)}};
  }
  object operator()(const CallEnded& e) const {
    return {{"event", "call_ended"},
            {"call", call_json(e.call, engine)},
            {"statistics", connector::to_json(e.statistics)}};
  }
  object operator()(const DtmfReceived& e) const {
    return {{"event", "dtmf_received"},
            {"call", call_id_text(engine, e.call)},
            {"digit", std::string(1, e.digit)},
            {"duration_ms", e.duration.count()},
            {"method", name_of(e.method)}};
  }
  object operator()(const FilePlayed& e) const {
    return {{"event", "file_played"}, {"call", call_id_text(engine, e.call)}};
  }
  object operator()(const DtmfSent& e) const {
    return {{"event", "dtmf_sent"},
            {"call", call_id_text(engine, e.call)},
            {"digits", e.digits},
            {"method", name_of(e.method)}};
  }
  object operator()(const MediaStarted& e) const {
    return {{"event", "media_started"}, {"call", call_id_text(engine, e.call)}};
  }
  object operator()(const QualityChanged& e) const {
    return {{"event", "quality_changed"},
            {"call", call_id_text(engine, e.call)},
            {"quality", quality_json(e.quality)},
            {"statistics", connector::to_json(e.statistics)}};
  }
  object operator()(const QualityAlarm& e) const {
    return {{"event", "quality_alarm"},
            {"call", call_id_text(engine, e.call)},
            {"on", e.on},
            {"mos", std::round(e.mos * 100) / 100},
            {"threshold", e.threshold}};
  }
  object operator()(const QualityReport& e) const {
    return {{"event", "quality_report"},
            {"call", call_id_text(engine, e.call)},
            {"kind", name_of(e.kind)},
            {"body", e.body}};
  }
  object operator()(const TransferChanged& e) const {
    object json{
        {"event", "transfer_changed"}, {"call", call_id_text(engine, e.call)}, {"state", name_of(e.state)}};
    if (e.status != 0) json["status"] = e.status;
    if (!e.text.empty()) json["text"] = e.text;
    return json;
  }
  object operator()(const CommandFailed& e) const {
    object json{{"event", "command_failed"}, {"command", e.command}, {"problem", problem_json(e.problem)}};
    if (e.call) json["call"] = call_id_text(engine, e.call);
    return json;
  }
  object operator()(const NetworkChanged& e) const {
    return {{"event", "network_changed"}, {"line", e.line.index}, {"address", e.address}};
  }
  object operator()(const ConfigurationChanged& e) const {
    array changes, warnings;
    for (const auto& change : e.changes)
      changes.push_back(object{{"path", change.path}, {"applies", name_of(change.applies)}});
    for (const auto& warning : e.warnings) warnings.push_back(boost::json::string(warning));
    return {{"event", "configuration_changed"},
            {"changes", std::move(changes)},
            {"warnings", std::move(warnings)}};
  }
  object operator()(const DevicesChanged& e) const {
    return {{"event", "devices_changed"}, {"devices", devices_json(e.devices)}};
  }
  object operator()(const TonesChanged& e) const {
    return {{"event", "tones_changed"}, {"tones", tones_json(e.tones, engine)}};
  }
  object operator()(const Warning& e) const {
    return {{"event", "warning"}, {"problem", problem_json(e.problem)}};
  }
  object operator()(const Stopped&) const { return {{"event", "stopped"}}; }
};

}  // namespace

object to_json(const CallRecord& record, std::string_view engine) {
  object json{{"call", call_json(record.call, engine)},
              {"began", utc_text(record.began)},
              {"ended", utc_text(record.ended)},
              {"talked_ms", record.talked().count()}};
  if (record.answered) json["answered"] = utc_text(*record.answered);
  return json;
}

std::string call_id_text(std::string_view engine, CallId call) {
  return fmt::format("c-{}-{}", engine, call.value);
}

object to_json(const Event& event, std::string_view engine) { return std::visit(Writer{engine}, event); }

object to_json(const Snapshot& snapshot, std::string_view engine) {
  array lines, calls;
  for (const auto& line : snapshot.lines) lines.push_back(line_json(line));
  for (const auto& call : snapshot.calls) calls.push_back(call_json(call, engine));
  return {{"lines", std::move(lines)},
          {"calls", std::move(calls)},
          {"devices", devices_json(snapshot.devices)},
          {"tones", tones_json(snapshot.tones, engine)}};
}

}  // namespace sidetone::connector
