#include "engine/steady_time.h"

namespace sidetone::engine {

Time SteadyTime::now() const {
  return Time{std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start_)};
}

std::chrono::steady_clock::time_point SteadyTime::to_steady(Time time) const {
  return start_ + time.time_since_epoch();
}

std::chrono::system_clock::time_point SteadyTime::to_wall(Time time) const {
  const auto wall = std::chrono::system_clock::now();
  if (time == Time{}) return wall;
  return wall - std::chrono::duration_cast<std::chrono::system_clock::duration>(now() - time);
}

}  // namespace sidetone::engine
