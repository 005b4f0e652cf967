#include "sip/transaction/timer_heap.h"

#include "base/assert.h"
#include "base/shrink.h"

namespace sidetone::sip::transaction {

std::string_view timer_name(TimerKind kind) {
  switch (kind) {
    case TimerKind::a: return "timer_a";
    case TimerKind::b: return "timer_b";
    case TimerKind::d: return "timer_d";
    case TimerKind::e: return "timer_e";
    case TimerKind::f: return "timer_f";
    case TimerKind::k: return "timer_k";
    case TimerKind::m: return "timer_m";
    case TimerKind::late: return "timer_late";
    case TimerKind::cancel: return "timer_cancel";
    case TimerKind::g: return "timer_g";
    case TimerKind::h: return "timer_h";
    case TimerKind::i: return "timer_i";
    case TimerKind::j: return "timer_j";
    case TimerKind::l: return "timer_l";
    case TimerKind::trying: return "timer_trying";
  }
  return "timer";
}

bool TimerHeap::before(const Entry& a, const Entry& b) {
  return a.when != b.when ? a.when < b.when : a.order < b.order;
}

TimerHandle TimerHeap::arm(Time when, std::uint64_t owner, TimerKind kind) {
  TimerHandle handle = 0;
  if (free_.empty()) {
    slots_.emplace_back();
    handle = static_cast<TimerHandle>(slots_.size());
  } else {
    handle = free_.back();
    free_.pop_back();
  }
  slots_[handle - 1] = {heap_.size(), owner, kind};
  heap_.push_back({when, ++order_, handle});
  up(heap_.size() - 1);
  return handle;
}

void TimerHeap::cancel(TimerHandle& handle) {
  if (handle == 0) return;
  ST_ASSERT(handle <= slots_.size());
  const std::size_t position = slots_[handle - 1].position;
  ST_ASSERT(position < heap_.size() && heap_[position].slot == handle);
  remove(position);
  handle = 0;
}

std::optional<TimerHeap::Due> TimerHeap::take_due(Time now) {
  if (heap_.empty() || heap_.front().when > now) return std::nullopt;
  const Slot& slot = slots_[heap_.front().slot - 1];
  const Due due{slot.owner, slot.kind};
  remove(0);
  return due;
}

std::optional<Deadline> TimerHeap::next() const {
  if (heap_.empty()) return std::nullopt;
  return Deadline{heap_.front().when, timer_name(slots_[heap_.front().slot - 1].kind)};
}

void TimerHeap::place(std::size_t position, Entry entry) {
  slots_[entry.slot - 1].position = position;
  heap_[position] = entry;
}

void TimerHeap::up(std::size_t position) {
  const Entry entry = heap_[position];
  while (position > 0 && before(entry, heap_[(position - 1) / 2])) {
    place(position, heap_[(position - 1) / 2]);
    position = (position - 1) / 2;
  }
  place(position, entry);
}

void TimerHeap::down(std::size_t position) {
  const Entry entry = heap_[position];
  for (;;) {
    std::size_t child = 2 * position + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && before(heap_[child + 1], heap_[child])) ++child;
    if (!before(heap_[child], entry)) break;
    place(position, heap_[child]);
    position = child;
  }
  place(position, entry);
}

void TimerHeap::remove(std::size_t position) {
  free_.push_back(heap_[position].slot);
  const Entry last = heap_.back();
  heap_.pop_back();
  if (position < heap_.size()) {
    place(position, last);
    up(position);
    down(slots_[last.slot - 1].position);
  }
  shrink_if_sparse(heap_);
  if (!heap_.empty()) return;
  // Slots have numbers that are in use outside; only when nothing is armed they may go.
  free_.clear();
  slots_.clear();
  shrink_if_sparse(free_);
  shrink_if_sparse(slots_);
}

}  // namespace sidetone::sip::transaction
