#include "sim/clockwork.h"

#include <algorithm>
#include <string>

namespace sidetone::sim {

void Clockwork::look_at_touched() {
  for (auto& wake : wakes_) {
    if (!wake.node->take_touched()) continue;
    if (wake.look) wake.look(now_);
    wake.due = wake.node->deadline();
  }
}

void Clockwork::wake(Wake& wake) {
  constexpr int late_max = 20;  // bound: several timers of one instant, each of which starts another
  wake.node->on_time(now_);
  // Whoever wakes for a time that is over works without end.
  const auto due = wake.node->deadline();
  wake.late = due && due->when <= now_ ? wake.late + 1 : 0;
  if (wake.late > late_max)
    verdict_.broken(now_, "deadline_in_the_past", wake.node->name() + ": " + std::string(due->why));
}

void Clockwork::run_until(Time end) {
  int standing_still = 0;
  constexpr int standing_still_max = 2000;  // bound: events that make events of the same instant
  while (true) {
    look_at_touched();
    Wake* first = nullptr;
    for (auto& wake : wakes_)
      if (wake.due && (!first || wake.due->when < first->due->when)) first = &wake;
    const auto next = queue_.next();
    const bool timer = first && (!next || first->due->when <= *next);
    if (!timer && !next) break;
    const Time when = std::max(now_, timer ? first->due->when : *next);
    if (when > end) break;
    standing_still = when == now_ ? standing_still + 1 : 0;
    if (standing_still > standing_still_max) {
      verdict_.broken(now_, "standing_still", timer ? std::string(first->due->why) : "events");
      break;
    }
    now_ = when;
    if (timer)
      wake(*first);
    else
      queue_.run_next();
  }
  now_ = end;
}

}  // namespace sidetone::sim
