#include "sip/stack_timers.h"

namespace sidetone::sip {

void Timer::stop() {
  if (!heap_) return;
  if (const auto at = heap_->entries_.find(id_); at != heap_->entries_.end()) {
    heap_->order_.erase({at->second.when, id_});
    heap_->entries_.erase(at);
  }
  heap_ = nullptr;
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
    node.mapped().action(now);
  }
}

std::optional<Deadline> StackTimers::deadline() const {
  if (order_.empty()) return std::nullopt;
  const auto& [when, id] = *order_.begin();
  return Deadline{when, entries_.at(id).why};
}

}  // namespace sidetone::sip
