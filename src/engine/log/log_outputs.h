// The targets of the log that are open: files in segments, stdout, stderr. Of the log's thread.
#pragma once

#include <spdlog/sinks/sink.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/expected.h"
#include "engine/log/log_disk.h"
#include "engine/log/log_segments.h"
#include "engine/log/log_targets.h"
#include "engine/log/segment_sink.h"
#include "engine/steady_time.h"

namespace sidetone::engine {

class LogOutputs {
 public:
  // What a target begins with; its name is empty for stdout and stderr.
  using Preamble = std::function<std::string(const std::string& file, Moment at)>;
  LogOutputs(const SteadyTime& clock, Preamble preamble)
      : clock_(clock), preamble_(std::move(preamble)), disk_(system_log_disk()) {}

  // Instead of those that were open. What is wrong with the first one that cannot be.
  std::optional<Error> open(const std::vector<LogTarget>& targets, const SegmentRules& segments, bool utc);
  void put(const std::string& text);
  void flush();
  [[nodiscard]] std::vector<Error> take_troubles();

 private:
  void open_stream(const LogTarget& target);
  std::optional<Error> open_file(const std::string& path, const SegmentRules& segments, bool utc);
  [[nodiscard]] Moment now() const { return {clock_.now(), std::chrono::system_clock::now()}; }

  const SteadyTime& clock_;
  Preamble preamble_;
  std::unique_ptr<LogDisk> disk_;
  std::vector<spdlog::sink_ptr> sinks_;
  std::vector<SegmentSink*> files_;  // those of sinks_ that are
};

}  // namespace sidetone::engine
