#include "sim/event_queue.h"

#include <algorithm>

#include "base/assert.h"

namespace sidetone::sim {

void EventQueue::at(Time when, Happening what) {
  heap_.push_back({when, ++order_, std::move(what)});
  std::push_heap(heap_.begin(), heap_.end(), Later{});
}

std::optional<Time> EventQueue::next() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().when;
}

void EventQueue::run_next() {
  ST_ASSERT(!heap_.empty());
  std::pop_heap(heap_.begin(), heap_.end(), Later{});
  Entry entry = std::move(heap_.back());
  heap_.pop_back();
  entry.what(entry.when);
}

}  // namespace sidetone::sim
