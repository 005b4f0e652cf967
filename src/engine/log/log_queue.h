// The way from the threads that have something to tell to the one that writes it. Bounded: what does not fit
// is counted, and nobody waits.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <variant>
#include <vector>

#include "base/log.h"

namespace sidetone::engine {

struct LogSettings;

struct LogItem {
  std::variant<LogRecord, SipRecord, LogNames, std::shared_ptr<const LogSettings>> what;
  std::uint64_t thread = 0;
};

class LogQueue {
 public:
  struct Batch {
    std::vector<LogItem> items;
    std::uint64_t dropped = 0;  // since the batch before, when this one began
    std::uint64_t flushes = 0;  // of those who wait, to be given to done()
    bool over = false;
  };

  // `bytes`: what the item holds of memory, roughly. Settings are never dropped.
  void put(LogItem item, std::size_t bytes, bool urgent);
  // Waits for items; then a little for more, unless one of them is urgent.
  void take(Batch& into);
  void done(std::uint64_t flushes);

  // Until all that was put before is written, or `timeout` has passed.
  bool flush(std::chrono::milliseconds timeout);
  void end();

 private:
  // An hour of a busy phone; a storm of messages is dropped from here on. 16 MB hold what a disk that
  // hesitates for some seconds makes wait.
  static constexpr std::size_t items_max = 16384;
  static constexpr std::size_t bytes_max = 16 << 20;
  // One wake-up for all that comes within it. What is lost when the process is killed is that old at most.
  static constexpr auto collect_for = std::chrono::milliseconds(20);

  std::mutex mutex_;
  std::condition_variable arrived_, written_;
  std::vector<LogItem> items_;
  std::size_t bytes_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t flushes_asked_ = 0, flushes_done_ = 0;
  bool urgent_ = false, over_ = false;
};

}  // namespace sidetone::engine
