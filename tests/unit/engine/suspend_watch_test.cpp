#include "engine/suspend_watch.h"

#include <gtest/gtest.h>

namespace sidetone::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(SuspendGap, GrowsBySleepAlone) {
  SuspendGap gap;
  EXPECT_FALSE(gap.look(seconds(100), seconds(5000)));  // slept before we started: no news
  EXPECT_FALSE(gap.look(seconds(4000), seconds(8900)));
  EXPECT_FALSE(gap.look(seconds(4000), seconds(8900) + milliseconds(900)));  // read one after the other
  EXPECT_EQ(gap.look(seconds(4001), seconds(8902) + minutes(60)), minutes(60) + milliseconds(100));
  EXPECT_FALSE(gap.look(seconds(4002), seconds(8903) + minutes(60)));  // told once
}

TEST(SuspendWatch, CostsNoWakeUp) {
  boost::asio::io_context io{1};
  int resumed = 0;
  const SuspendWatch watch(io, [&](Duration) { ++resumed; });
  EXPECT_EQ(io.poll(), 0U);
  EXPECT_EQ(resumed, 0);
}

}  // namespace
}  // namespace sidetone::engine
