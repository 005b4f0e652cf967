#include <gtest/gtest.h>

#include <set>

#include "engine/steady_time.h"
#include "engine/system_random.h"

namespace sidetone::engine {
namespace {

TEST(SystemRandom, DoesNotRepeatAcrossItsBufferOrInstances) {
  SystemRandom a, b;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 100; ++i) {
    seen.insert(a.next());
    seen.insert(b.next());
  }
  EXPECT_EQ(seen.size(), 200u);
  EXPECT_FALSE(seen.contains(0));
}

TEST(SteadyTime, GoesForwardAndMapsToBothClocks) {
  const SteadyTime clock;
  const Time first = clock.now();
  EXPECT_GT(first, Time{}) << "Time{} says unknown";
  const Time second = clock.now();
  EXPECT_GE(second, first);
  const auto steady = clock.to_steady(second);
  EXPECT_LE(steady, std::chrono::steady_clock::now());
  EXPECT_EQ(clock.to_steady(second + std::chrono::seconds(5)) - steady, std::chrono::seconds(5));
  const auto earlier_wall = clock.to_wall(clock.now() - std::chrono::milliseconds(500));
  const auto apart = std::chrono::system_clock::now() - earlier_wall;
  EXPECT_GE(apart, std::chrono::milliseconds(499));
  EXPECT_LT(apart, std::chrono::seconds(30));
}

}  // namespace
}  // namespace sidetone::engine
