#include "media/device/device_exchange.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace sidetone::media {
namespace {

// A device that asks for 6.25 ms at a time, and a media thread that says at once what it hears.
class Echo : public testing::Test {
 protected:
  static constexpr std::size_t period = 300;
  Echo() { EXPECT_TRUE(exchange.open()); }

  void callback(std::int16_t said) {
    std::vector<std::int16_t> in(period, said), out(period);
    exchange.exchange(in.data(), out.data(), period);
    heard.insert(heard.end(), out.begin(), out.end());
  }
  void media_thread() {
    Frame frame;
    while (exchange.record(frame)) exchange.play(frame);
  }
  void run(int callbacks, std::int16_t level = 0) {
    for (; callbacks > 0; --callbacks) {
      callback(level);
      media_thread();
    }
  }
  // What a word takes to come back, in samples.
  std::size_t delay() {
    const auto begin = heard.size();
    callback(20000);
    media_thread();
    run(20);
    const auto found =
        std::find(heard.begin() + static_cast<std::ptrdiff_t>(begin), heard.end(), std::int16_t{20000});
    EXPECT_NE(found, heard.end());
    return static_cast<std::size_t>(found - heard.begin()) - begin;
  }
  void stall() {
    for (int i = 0; i < 8; ++i) callback(0);  // 50 ms
  }
  DeviceExchange exchange;
  std::vector<std::int16_t> heard;
};

TEST_F(Echo, AnUnderrunIsWhatADeviceLacksOnceItHasHadSomething) {
  callback(0);
  EXPECT_EQ(exchange.underruns(), 0U) << "nothing was promised yet";
  run(50);
  const auto settled = exchange.underruns();
  EXPECT_LE(settled, 2U) << "until the rhythms of 6.25 and 10 ms have met";
  run(500);
  EXPECT_EQ(exchange.underruns(), settled);
  stall();
  EXPECT_GT(exchange.underruns(), settled + 4);
}

TEST_F(Echo, WhatAStallHasMadeLateIsOnTimeAgainAfterSomeSeconds) {
  run(50);
  const auto before = delay();
  EXPECT_LE(before, 1200U);
  stall();
  run(20);
  EXPECT_GT(delay(), before + 1000) << "or this test shows nothing";
  run(2000);  // 12.5 s
  EXPECT_LE(delay(), before + 240);
  const auto underruns = exchange.underruns();
  run(2000);
  EXPECT_EQ(exchange.underruns(), underruns) << "nothing was taken that is needed";
}

TEST_F(Echo, AlsoWhereItIsNeverQuiet) {
  run(50, 1000);
  const auto before = delay();
  stall();
  run(4000, 1000);
  EXPECT_LE(delay(), before + 240);
}

}  // namespace
}  // namespace sidetone::media
