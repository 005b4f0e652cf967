#include "engine/log/event_records.h"

#include <fmt/format.h>

#include "engine/log_format.h"

namespace sidetone::engine {
namespace {

std::string_view words(LineState state) {
  switch (state) {
    case LineState::disabled: return "is disabled";
    case LineState::registering: return "registers";
    case LineState::ready: return "is registered";
    case LineState::failed: return "is not registered";
    case LineState::unregistering: return "unregisters";
  }
  return "?";
}

LogRecord about(const CallSnapshot& call, LogTag tag, std::string text) {
  return {.tag = tag, .line = call.line.index, .call = call.call.value, .text = std::move(text)};
}

std::string text_of(const Problem& problem) {
  return problem.remedy.empty() ? problem.text : fmt::format("{} ({})", problem.text, problem.remedy);
}

}  // namespace

LogRecord EventRecords::on(const LineChanged& event) const {
  const auto& line = event.line;
  LogRecord record{.tag = LogTag::reg, .line = line.line.index};
  record.level = line.state == LineState::failed ? LogLevel::warning : LogLevel::info;
  record.text = fmt::format("{} at {} by {} {}", line.user, line.server, line.transport, words(line.state));
  if (!line.text.empty()) record.text += ": " + line.text;
  return record;
}

LogRecord EventRecords::on(const CallAdded& event, Time now) {
  calls_[event.call.call].begun = now;
  return about(event.call, LogTag::call,
               fmt::format("{} {}", words(event.call.direction), on_one_line(event.call.remote_uri)));
}

std::optional<LogRecord> EventRecords::on(const CallChanged& event, Time now) {
  const auto at = calls_.find(event.call.call);
  if (at == calls_.end() || at->second.answered || event.call.state != CallState::connected)
    return std::nullopt;
  at->second.answered = now;
  return about(event.call, LogTag::call, fmt::format("connected, codec {}", event.call.codec));
}

LogRecord EventRecords::on(const CallEnded& event, Time now) {
  CallTimes times{now, now, {}};
  if (auto known = calls_.extract(event.call.call)) times = known.mapped();
  times.ended = now;
  return about(event.call, LogTag::report, call_end_text(event, times));
}

std::optional<LogRecord> EventRecords::record(const Event& event, Time now) {
  std::optional<LogRecord> record;
  if (const auto* changed = std::get_if<LineChanged>(&event))
    record = on(*changed);
  else if (const auto* added = std::get_if<CallAdded>(&event))
    record = on(*added, now);
  else if (const auto* call = std::get_if<CallChanged>(&event))
    record = on(*call, now);
  else if (const auto* ended = std::get_if<CallEnded>(&event))
    record = on(*ended, now);
  else if (const auto* warning = std::get_if<Warning>(&event))
    record = LogRecord{.level = LogLevel::warning, .tag = LogTag::engine, .text = text_of(warning->problem)};
  else if (const auto* failed = std::get_if<CommandFailed>(&event))
    record = LogRecord{.level = LogLevel::warning,
                       .tag = LogTag::engine,
                       .call = failed->call.value,
                       .text = fmt::format("{}: {}", failed->command, text_of(failed->problem))};
  if (record) record->time = now;
  return record;
}

}  // namespace sidetone::engine
