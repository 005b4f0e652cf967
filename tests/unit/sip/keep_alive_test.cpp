#include "sip/transport/keep_alive.h"

#include <gtest/gtest.h>

#include <set>

namespace sidetone::sip::flows {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

KeepAlive::Key connection(std::uint64_t number) { return {ConnectionId{number}, {}, {}}; }

class KeepAliveTest : public testing::Test {
 protected:
  // To the next deadline; what was due there.
  KeepAlive::Due step() {
    const auto next = keep_.deadline();
    EXPECT_TRUE(next);
    if (next) now_ = next->when;
    return keep_.on_time(now_, random_);
  }
  void keep(const KeepAlive::Key& key, Duration interval, bool pong) {
    keep_.keep(key, interval, pong, now_, random_);
  }

  SeededRandom random_{7};
  KeepAlive keep_;
  Time now_{seconds(1000)};
};

TEST_F(KeepAliveTest, NothingToKeepIsNoReasonToWakeUp) {
  EXPECT_FALSE(keep_.deadline());
  keep(connection(1), seconds(120), false);
  keep_.forget(connection(1));
  EXPECT_FALSE(keep_.deadline());
  EXPECT_EQ(keep_.size(), 0U);
}

// RFC 5626 §4.4.1: between 95 (96) and 120 s, another number for each ping.
TEST_F(KeepAliveTest, PingsAtEightyToHundredPercent) {
  keep(connection(1), keep_alive_stream_max, false);
  std::set<Duration> gaps;
  for (int i = 0; i < 50; ++i) {
    const Time before = now_;
    const auto due = step();
    ASSERT_EQ(due.pings.size(), 1U);
    EXPECT_TRUE(due.dead.empty());
    EXPECT_GE(now_ - before, seconds(96));
    EXPECT_LE(now_ - before, seconds(120));
    gaps.insert(now_ - before);
  }
  EXPECT_GT(gaps.size(), 40U);
}

// RFC 5626 §4.4.2: 24 to 29 s over UDP (80 % of 29 is 23.2).
TEST_F(KeepAliveTest, UdpPingsInsideANatsPatience) {
  keep({{}, SocketId{1}, *Address::parse("192.0.2.1:5060", 0)}, keep_alive_udp_max, false);
  for (int i = 0; i < 50; ++i) {
    const Time before = now_;
    ASSERT_EQ(step().pings.size(), 1U);
    EXPECT_LE(now_ - before, seconds(29));
    EXPECT_GE(now_ - before, milliseconds(23200));
  }
}

// RFC 5626 §4.4.1: no pong within 10 s, and the flow has failed.
TEST_F(KeepAliveTest, APromisedPongThatDoesNotComeKillsTheFlow) {
  keep(connection(1), seconds(120), true);
  ASSERT_EQ(step().pings.size(), 1U);
  const Time pinged = now_;
  const auto due = step();
  EXPECT_EQ(now_ - pinged, pong_max);
  EXPECT_EQ(due.dead, std::vector{connection(1)});
  EXPECT_TRUE(due.pings.empty());
  EXPECT_FALSE(keep_.deadline());
}

TEST_F(KeepAliveTest, APongKeepsItAndTheNextPingStaysInItsInterval) {
  keep(connection(1), seconds(120), true);
  ASSERT_EQ(step().pings.size(), 1U);
  for (int i = 0; i < 20; ++i) {
    const Time pinged = now_;
    now_ += seconds(9);
    keep_.heard_pong(connection(1), true);
    const auto due = step();
    ASSERT_EQ(due.pings.size(), 1U);
    EXPECT_LE(now_ - pinged, seconds(120));
    EXPECT_GE(now_ - pinged, seconds(96));
  }
}

// RFC 5626 §4.4: without a promise a client cannot expect a pong ...
TEST_F(KeepAliveTest, AServerThatNeverHeardOfPongsMayBeSilent) {
  keep(connection(1), seconds(120), false);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(step().dead.empty());
}

// ... but one that gave a pong once is held to it; line ends beside a message are no pong.
TEST_F(KeepAliveTest, APongOnceIsAPromise) {
  keep(connection(1), seconds(120), false);
  step();
  keep_.heard_pong(connection(1), false);
  ASSERT_EQ(step().pings.size(), 1U);
  EXPECT_TRUE(step().dead.empty());
  keep_.heard_pong(connection(1), true);
  ASSERT_EQ(step().pings.size(), 1U);
  EXPECT_EQ(step().dead.size(), 1U);
}

TEST_F(KeepAliveTest, LineEndsWithoutAPingAreNoPromise) {
  keep(connection(1), seconds(120), false);
  keep_.heard_pong(connection(1), true);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(step().dead.empty());
}

// The lines of a phone share their wake-ups: six flows do not cost six times the wake-ups of one.
TEST_F(KeepAliveTest, FlowsSharePings) {
  for (std::uint64_t i = 1; i <= 6; ++i) keep(connection(i), seconds(120), false);
  const Time start = now_;
  int wakeups = 0;
  std::size_t pings = 0;
  while (now_ < start + std::chrono::hours(1)) {
    pings += step().pings.size();
    ++wakeups;
  }
  EXPECT_GE(pings, 6U * 30);
  EXPECT_LE(wakeups, 45);  // one flow alone: 30 to 37
}

TEST_F(KeepAliveTest, TermsMayBecomeStricter) {
  keep(connection(1), seconds(120), false);
  keep(connection(1), seconds(20), true);  // Flow-Timer: 20
  const Time before = now_;
  ASSERT_EQ(step().pings.size(), 1U);
  EXPECT_LE(now_ - before, seconds(20));
  EXPECT_EQ(step().dead.size(), 1U);
}

// The machine slept for an hour: one ping, not thirty.
TEST_F(KeepAliveTest, AJumpOfTheClockIsNoStorm) {
  keep(connection(1), seconds(120), false);
  now_ += std::chrono::hours(1);
  EXPECT_EQ(keep_.on_time(now_, random_).pings.size(), 1U);
  EXPECT_TRUE(keep_.on_time(now_, random_).pings.empty());
}

// A process with thousands of flows spreads its pings as they were drawn.
TEST_F(KeepAliveTest, ManyFlowsAreNotPingedAtOnce) {
  for (std::uint64_t i = 1; i <= 5000; ++i) keep(connection(i), seconds(120), false);
  for (int i = 0; i < 100; ++i) EXPECT_LE(step().pings.size(), 17U);
}

}  // namespace
}  // namespace sidetone::sip::flows
