// restart_audio_if_stuck: when a device counts as stuck.
#include "media/device/stuck_watch.h"

#include <gtest/gtest.h>

namespace sidetone::media {
namespace {

using namespace std::chrono_literals;
using Stuck = StuckWatch::Stuck;

class StuckWatchTest : public testing::Test {
 protected:
  // Frames every 10 ms for so long, and what was seen meanwhile.
  std::optional<Stuck> run(Duration span, std::int16_t sample, bool listened_to = true) {
    Frame frame{};
    frame[7] = sample;
    std::optional<Stuck> seen;
    for (const auto end = now + span; now < end;) {
      now += 10ms;
      watch.heard(frame, listened_to, now);
      if (const auto stuck = watch.look(now)) seen = stuck;
    }
    return seen;
  }
  std::optional<Stuck> wait(Duration span) {
    std::optional<Stuck> seen;
    for (const auto end = now + span; now < end;) {
      now += 10ms;
      if (const auto stuck = watch.look(now)) seen = stuck;
    }
    return seen;
  }
  Time now{1s};
  StuckWatch watch;
};

TEST_F(StuckWatchTest, a_device_that_works_is_not_stuck) {
  watch.opened(true, now);
  EXPECT_FALSE(run(1h / 60, 1));
}

TEST_F(StuckWatchTest, the_first_frame_may_take_its_time) {
  watch.opened(true, now);
  EXPECT_FALSE(wait(4990ms));
  EXPECT_EQ(wait(10ms), Stuck::stalled);
  EXPECT_FALSE(wait(10s)) << "told once";
}

TEST_F(StuckWatchTest, a_running_device_that_stops_is_stalled) {
  watch.opened(true, now);
  EXPECT_FALSE(run(1s, 1));
  EXPECT_FALSE(wait(1990ms));
  EXPECT_FALSE(run(10ms, 1)) << "it goes on by itself";
  EXPECT_FALSE(wait(1990ms));
  EXPECT_EQ(wait(10ms), Stuck::stalled);
  EXPECT_FALSE(wait(10s));
  EXPECT_FALSE(run(1s, 1));
  EXPECT_EQ(wait(3s), Stuck::stalled) << "and once more after it has run again";
}

TEST_F(StuckWatchTest, zeros_from_a_microphone_are_no_silence) {
  watch.opened(true, now);
  EXPECT_FALSE(run(9990ms, 0));
  EXPECT_EQ(run(20ms, 0), Stuck::silent);
  EXPECT_FALSE(run(60s, 0)) << "told once";
  watch.opened(true, now);  // started anew: a muted headset stays as it is
  EXPECT_FALSE(run(60s, 0));
  EXPECT_FALSE(run(1s, -1));  // somebody unmuted it
  EXPECT_EQ(run(11s, 0), Stuck::silent);
}

TEST_F(StuckWatchTest, the_lowest_bit_of_noise_is_life) {
  watch.opened(true, now);
  EXPECT_FALSE(run(9s, 0));
  EXPECT_FALSE(run(10ms, 1));
  EXPECT_FALSE(run(9s, 0));
}

TEST_F(StuckWatchTest, silence_counts_only_where_somebody_listens) {
  watch.opened(true, now);
  EXPECT_FALSE(run(60s, 0, false)) << "no call";
  EXPECT_FALSE(run(9s, 0));
  EXPECT_FALSE(run(10ms, 0, false));
  EXPECT_FALSE(run(9s, 0)) << "it begins anew with the next call";
  watch.opened(false, now);
  EXPECT_FALSE(run(60s, 0)) << "there is no microphone";
}

}  // namespace
}  // namespace sidetone::media
