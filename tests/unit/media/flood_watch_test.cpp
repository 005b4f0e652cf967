#include "media/flood_watch.h"

#include <gtest/gtest.h>

namespace sidetone::media {
namespace {

using namespace std::chrono_literals;

struct Watch {
  // 10 ms ticks with so many foreign packets each; `peer`: it speaks.
  bool run(Duration span, std::uint64_t per_tick, bool peer) {
    bool shut = false;
    for (const Time end = now + span; now < end;) {
      now += 10ms;
      foreign += per_tick;
      if (peer) heard_at = now;
      shut = watch.shuts_out(foreign, heard_at, now);
    }
    return shut;
  }
  FloodWatch watch;
  std::uint64_t foreign = 0;
  Time now{1s}, heard_at{1s};
};

TEST(FloodWatch, shuts_out_a_flood_while_the_peer_speaks) {
  Watch watch;
  EXPECT_FALSE(watch.run(10s, 10, true)) << "a second talker, or ten, is no flood";
  EXPECT_TRUE(watch.run(100ms, 500, true));
  EXPECT_TRUE(watch.run(10s, 0, true)) << "nothing is seen of it any more, and it may go on";
}

TEST(FloodWatch, opens_before_a_silent_peer_may_be_replaced) {
  Watch watch;
  watch.run(100ms, 500, true);
  EXPECT_TRUE(watch.run(300ms, 0, false));
  EXPECT_FALSE(watch.run(10ms, 0, false));
  EXPECT_FALSE(watch.run(1s, 500, false)) << "without a peer nobody is shut out";
  EXPECT_TRUE(watch.run(100ms, 500, true)) << "it speaks again";
}

}  // namespace
}  // namespace sidetone::media
