// How well the media thread keeps time. Written by it alone, read by anybody.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace sidetone::media {

struct TickFigures {
  std::uint64_t ticks = 0;  // of 10 ms, by our own clock or a device's
  // By our own clock: begun more than a tick after they were due, so that a call's packet left late.
  std::uint64_t late = 0;
  std::uint64_t skipped = 0;            // never made up for: a stall beyond all sense
  std::chrono::microseconds latest{0};  // the worst of those that were made
  std::uint64_t device_underruns = 0;   // times that a device asked for sound and too little was there
};

// What came between the two. The worst tick cannot be divided: it is of all the time.
[[nodiscard]] inline TickFigures operator-(const TickFigures& now, const TickFigures& before) {
  return {now.ticks - before.ticks, now.late - before.late, now.skipped - before.skipped, now.latest,
          now.device_underruns - before.device_underruns};
}

class TickCounters {
 public:
  void ticked() { add(ticks_, 1); }
  void late_by(std::chrono::microseconds by) {
    add(late_, 1);
    if (by.count() > latest_us_.load(std::memory_order_relaxed))
      latest_us_.store(by.count(), std::memory_order_relaxed);
  }
  void skipped(std::uint64_t count) { add(skipped_, count); }
  void underruns(std::uint64_t count) { add(underruns_, count); }
  [[nodiscard]] TickFigures figures() const {
    const auto get = [](const auto& counter) { return counter.load(std::memory_order_relaxed); };
    return {get(ticks_), get(late_), get(skipped_), std::chrono::microseconds{get(latest_us_)},
            get(underruns_)};
  }

 private:
  using Counter = std::atomic<std::uint64_t>;
  static void add(Counter& counter, std::uint64_t count) {  // one writer: no locked instruction
    counter.store(counter.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  Counter ticks_{0}, late_{0}, skipped_{0}, underruns_{0};
  std::atomic<std::int64_t> latest_us_{0};
};

}  // namespace sidetone::media
