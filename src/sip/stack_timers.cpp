#include "sip/stack_timers.h"

#include "base/shrink.h"

namespace sidetone::sip {

void Timer::stop() {
  auto* const heap = std::exchange(heap_, nullptr);
  if (!heap) return;
  // Taken out first, as in run_due().
  const auto node = heap->entries_.extract(id_);
  if (node.empty()) return;
  heap->order_.erase({node.mapped().when, id_});
  shrink_if_sparse(heap->entries_);
}

bool Timer::running() const { return heap_ && heap_->entries_.contains(id_); }

Timer StackTimers::start(Time when, std::string_view why, Action action) {
  const auto id = ++last_;
  order_.emplace(when, id);
  entries_.emplace(id, Entry{when, why, std::move(action)});
  return Timer(*this, id);
}

void StackTimers::run_due(Time now) {
  while (!order_.empty() && order_.begin()->first <= now) {
    const auto id = order_.begin()->second;
    order_.erase(order_.begin());
    // Taken out first: the action may destroy the owner of its own Timer.
    auto node = entries_.extract(id);
    shrink_if_sparse(entries_);
    node.mapped().action(now);
  }
}

std::optional<Deadline> StackTimers::deadline() const {
  if (order_.empty()) return std::nullopt;
  const auto& [when, id] = *order_.begin();
  return Deadline{when, entries_.at(id).why};
}

}  // namespace sidetone::sip
