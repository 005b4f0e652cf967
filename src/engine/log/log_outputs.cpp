#include "engine/log/log_outputs.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace sidetone::engine {
namespace {

void put_to(spdlog::sinks::sink& sink, const std::string& text) {
  try {
    sink.log({spdlog::log_clock::time_point{}, spdlog::source_loc{}, spdlog::string_view_t{},
              spdlog::level::info, spdlog::string_view_t(text.data(), text.size())});
    // NOLINTNEXTLINE(bugprone-empty-catch): stdout or stderr is closed, there is nobody to tell
  } catch (const std::exception&) {
  }
}

}  // namespace

std::optional<Error> LogOutputs::open(const std::vector<LogTarget>& targets, const SegmentRules& segments,
                                      bool utc) {
  flush();
  sinks_.clear();
  files_.clear();
  std::optional<Error> trouble;
  for (const auto& target : targets) {
    if (target.kind != LogTarget::Kind::file)
      open_stream(target);
    else if (auto failed = open_file(target.path, segments, utc); failed && !trouble)
      trouble = std::move(failed);
  }
  return trouble;
}

void LogOutputs::open_stream(const LogTarget& target) {
  if (target.kind == LogTarget::Kind::out)
    sinks_.push_back(std::make_shared<spdlog::sinks::stdout_sink_st>());
  else
    sinks_.push_back(std::make_shared<spdlog::sinks::stderr_sink_st>());
  // The texts come formatted, with their line ends: time of the event, not of the writing.
  sinks_.back()->set_formatter(
      std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::local, std::string()));
  put_to(*sinks_.back(), preamble_("", now()));
}

std::optional<Error> LogOutputs::open_file(const std::string& path, const SegmentRules& segments, bool utc) {
  auto sink = std::make_shared<SegmentSink>(SegmentedFile(path, segments, utc, *disk_, preamble_), clock_);
  const auto opened = sink->file().open(now());
  files_.push_back(sink.get());
  sinks_.push_back(std::move(sink));
  return opened ? std::nullopt : std::optional(opened.error());
}

void LogOutputs::put(const std::string& text) {
  for (const auto& sink : sinks_) put_to(*sink, text);
}

void LogOutputs::flush() {
  for (const auto& sink : sinks_) sink->flush();
}

std::vector<Error> LogOutputs::take_troubles() {
  std::vector<Error> troubles;
  for (auto* file : files_)
    if (auto trouble = file->file().take_trouble()) troubles.push_back(std::move(*trouble));
  return troubles;
}

}  // namespace sidetone::engine
