// The log on disk, on stdout or stderr, or in the hands of the application. spdlog lives behind this header
// and nowhere else.
#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/expected.h"
#include "base/log.h"
#include "engine/log/log_detail.h"
#include "engine/log/log_segments.h"
#include "engine/log/log_time.h"
#include "engine/redaction.h"
#include "engine/steady_time.h"
#include "sidetone/logger.h"

namespace sidetone::engine {

struct LogItem;
class LogWriter;

struct LogSettings {
  // Targets, separated by commas: stdout, stderr, paths (~ is the home folder). Empty: none.
  std::string file = "stderr";
  bool paths_allowed = true;  // logger_type
  LogDetail detail = LogDetail::up_to(LogLevel::info);
  RedactionRules rules;
  SegmentRules segments;  // default: each path is one file, appended to
  LogTimeForm time;
  // 0: no limit; else what is more is left out, and a line says how much.
  std::uint64_t bytes_per_s_max = 0;
  std::string configuration;  // dump() of it: behind the header of each file, and when it changes
  std::shared_ptr<Logger> logger;
  std::string application = "Sidetone";
};

// Any member may be called from any thread. Records are written by a thread of the log: whoever has something
// to tell neither formats nor waits for a disk. What is lost by a full queue or a full disk is counted, and a
// line tells how much as soon as one can be written.
class Log final : public LogSink {
 public:
  // `on_trouble` is called, on the log's thread, when a target begins to fail: once until it works again. The
  // trouble is printed on stderr as well.
  Log(LogSettings settings, const SteadyTime& clock, std::function<void(const Error&)> on_trouble = {});
  ~Log() override;  // all that was told is written; a target that hangs (a pipe) is waited for 2 s
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  [[nodiscard]] bool wants(LogTag tag, LogLevel level) const override {
    return LogDetail::packed_wants(detail_.load(std::memory_order_relaxed), tag, level);
  }
  [[nodiscard]] bool wants_sip() const override {
    return LogDetail::packed_wants_sip(detail_.load(std::memory_order_relaxed));
  }
  void write(LogRecord record) override;
  void trace(SipRecord record) override;
  void name(LogNames names) override;

  // From here on. Levels act at once, the rest in the order of the records. Files whose name or rules change
  // are closed and begun anew; a changed `configuration` is written into those that stay.
  void reconfigure(LogSettings settings);
  // Until what was told before is with the system, two seconds at most.
  bool flush();
  // What was wrong with the first target that could not be opened at the beginning.
  [[nodiscard]] const std::optional<Error>& first_trouble() const { return first_trouble_; }

 private:
  void begin();
  void put(LogItem item, std::size_t bytes, bool urgent);

  std::atomic<std::uint64_t> detail_;
  std::shared_ptr<LogWriter> writer_;
  std::optional<Error> first_trouble_;
  std::once_flag begun_;
  std::future<void> finished_;
  std::thread thread_;
};

// A Log whose targets all work at the beginning, or what is wrong with the first one that does not.
Expected<std::unique_ptr<Log>> open_log(const LogSettings& settings, const SteadyTime& clock);

}  // namespace sidetone::engine
