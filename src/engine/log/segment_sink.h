// A SegmentedFile as a sink of spdlog. Only the log's own thread touches it.
#pragma once

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>

#include "engine/log/segmented_file.h"
#include "engine/steady_time.h"

namespace sidetone::engine {

class SegmentSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  SegmentSink(SegmentedFile file, const SteadyTime& clock) : file_(std::move(file)), clock_(clock) {}
  [[nodiscard]] SegmentedFile& file() { return file_; }
  [[nodiscard]] Moment now() const { return {clock_.now(), std::chrono::system_clock::now()}; }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    // The text has its line end; spdlog's own formatting would be another copy.
    file_.add({message.payload.data(), message.payload.size()}, now());
  }
  void flush_() override { file_.flush(now()); }

  SegmentedFile file_;
  const SteadyTime& clock_;
};

}  // namespace sidetone::engine
