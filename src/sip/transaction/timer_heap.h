// One binary heap for the timers of all transactions. Indexed, so that a cancelled timer is gone at once:
// ten thousand finished calls leave nothing behind, and the count of timers is the truth.
#pragma once

#include <optional>
#include <vector>

#include "base/time.h"
#include "sip/transaction/timer_kind.h"

namespace sidetone::sip::transaction {

using TimerHandle = std::uint32_t;  // 0: none

class TimerHeap {
 public:
  struct Due {
    std::uint64_t owner;
    TimerKind kind;
  };

  [[nodiscard]] TimerHandle arm(Time when, std::uint64_t owner, TimerKind kind);
  void cancel(TimerHandle& handle);  // and forgets it; nothing happens for "none"
  // The first timer due at `now`, taken out; equal times in the order of arming.
  std::optional<Due> take_due(Time now);
  [[nodiscard]] std::optional<Deadline> next() const;
  [[nodiscard]] std::size_t size() const { return heap_.size(); }

 private:
  struct Entry {
    Time when;
    std::uint64_t order;
    TimerHandle slot;
  };
  struct Slot {
    std::size_t position = 0;  // in heap_, while armed
    std::uint64_t owner = 0;
    TimerKind kind = TimerKind::a;
  };
  static bool before(const Entry& a, const Entry& b);
  void place(std::size_t position, Entry entry);
  void up(std::size_t position);
  void down(std::size_t position);
  void remove(std::size_t position);

  std::vector<Entry> heap_;
  std::vector<Slot> slots_;  // handle - 1
  std::vector<TimerHandle> free_;
  std::uint64_t order_ = 0;
};

}  // namespace sidetone::sip::transaction
