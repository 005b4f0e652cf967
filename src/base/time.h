// Time is an input. The clock below has no now(): only the engine and the simulator make times.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace sidetone {

using Duration = std::chrono::microseconds;

// Monotonic time since some start that the driver chose.
struct InjectedClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<InjectedClock, duration>;
  static constexpr bool is_steady = true;
};
using Time = InjectedClock::time_point;

// A wish to be woken, with its reason, so that a log of wake-ups explains itself.
struct Deadline {
  Time when;
  std::string_view why;  // a literal such as "timer_b", "register_refresh"
};

[[nodiscard]] inline std::optional<Deadline> earlier(std::optional<Deadline> a, std::optional<Deadline> b) {
  if (!a) return b;
  if (!b) return a;
  return a->when <= b->when ? a : b;
}

}  // namespace sidetone
