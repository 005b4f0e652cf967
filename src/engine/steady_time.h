// The engine's clock: where injected times come from.
#pragma once

#include <chrono>

#include "base/time.h"

namespace sidetone::engine {

class SteadyTime {
 public:
  SteadyTime() : start_(std::chrono::steady_clock::now() - std::chrono::seconds(1)) {}

  [[nodiscard]] Time now() const;  // never Time{}, which says "unknown" in records
  [[nodiscard]] std::chrono::steady_clock::time_point to_steady(Time time) const;
  // What the wall clock showed at `time`, by today's setting of that clock.
  [[nodiscard]] std::chrono::system_clock::time_point to_wall(Time time) const;

 private:
  std::chrono::steady_clock::time_point start_;
};

}  // namespace sidetone::engine
