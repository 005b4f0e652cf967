// What the log's thread does: names records by call and line, hides secrets, holds a flood down, writes. It
// lives as long as that thread, which may be stuck in a target for longer than the Log itself.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "engine/log/log_header.h"
#include "engine/log/log_names.h"
#include "engine/log/log_outputs.h"
#include "engine/log/log_queue.h"
#include "engine/log/sip_histories.h"
#include "engine/log_limit.h"
#include "engine/log_sink.h"

namespace sidetone::engine {

// Those of `settings.file`, less those that logger_type leaves out.
[[nodiscard]] std::vector<LogTarget> targets_of(const LogSettings& settings);

class LogWriter {
 public:
  LogWriter(LogSettings settings, const SteadyTime& clock, std::function<void(const Error&)> on_trouble);

  void run();  // the thread; until queue.end()
  // From here on nobody is told of troubles: whom they would be told is going.
  void abandon();
  [[nodiscard]] std::future<void> finished() { return finished_.get_future(); }
  [[nodiscard]] const std::optional<Error>& first_trouble() const { return first_trouble_; }

  LogQueue queue;

 private:
  std::optional<Error> open_targets();
  [[nodiscard]] std::string preamble(const std::string& file, Moment at) const;
  void take_safely(LogItem& item);
  void take(LogRecord& record, std::uint64_t thread);
  void take(SipRecord& record, std::uint64_t thread);
  void take(LogNames&, std::uint64_t) {}  // run() has learnt them
  void take(std::shared_ptr<const LogSettings>& settings, std::uint64_t thread);
  void notice(LogLevel level, std::string text);
  bool admits(LogTag tag, std::size_t bytes);
  void hand_over(LogLevel level, LogTag tag, const LogNameBook::Name& name, Time time, std::uint64_t thread,
                 std::string text) const;
  void tell_troubles();

  const SteadyTime clock_;  // of its own
  std::shared_ptr<const LogSettings> settings_;
  std::mutex told_mutex_;
  std::function<void(const Error&)> on_trouble_;
  LogHeaderFacts facts_;
  LogTimeWriter time_;
  LogLimit limit_;
  LogNameBook book_;
  SipHistories histories_;
  LogOutputs outputs_;
  std::optional<Error> first_trouble_;
  std::promise<void> finished_;
};

}  // namespace sidetone::engine
