#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "sip/session/repeater.h"

namespace sidetone::sip {
namespace {

using std::chrono::milliseconds;

std::vector<std::int64_t> run(std::optional<Duration> interval_max, std::int64_t stop_ms, bool* gave_up) {
  StackTimers timers;
  Repeater repeater;
  std::vector<std::int64_t> sent_ms;
  repeater.start(
      timers, {milliseconds(500), interval_max, milliseconds(32000)},
      [&](Time at) { sent_ms.push_back(at.time_since_epoch().count() / 1000); },
      [&](Time) { *gave_up = true; }, Time{});
  while (const auto deadline = timers.deadline()) {
    if (deadline->when.time_since_epoch() > milliseconds(stop_ms)) break;
    timers.run_due(deadline->when);
  }
  return sent_ms;
}

TEST(Repeater, paces) {
  bool gave_up = false;
  // RFC 3261 §13.3.1.4: T1, doubled up to T2.
  EXPECT_EQ(run(milliseconds(4000), 60000, &gave_up),
            (std::vector<std::int64_t>{500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500}));
  EXPECT_TRUE(gave_up);
  // RFC 3262 §3: doubled without an end.
  gave_up = false;
  EXPECT_EQ(run(std::nullopt, 60000, &gave_up),
            (std::vector<std::int64_t>{500, 1500, 3500, 7500, 15500, 31500}));
  EXPECT_TRUE(gave_up);
  gave_up = false;
  run(std::nullopt, 20000, &gave_up);
  EXPECT_FALSE(gave_up);
}

TEST(StackTimers, owners_and_order) {
  StackTimers timers;
  std::string log;
  auto late = timers.start(Time(milliseconds(20)), "late", [&](Time) { log += 'l'; });
  auto one = timers.start(Time(milliseconds(10)), "one", [&](Time) { log += '1'; });
  auto two = timers.start(Time(milliseconds(10)), "two", [&](Time) { log += '2'; });
  {
    auto gone = timers.start(Time(milliseconds(5)), "gone", [&](Time) { log += 'x'; });
  }
  EXPECT_EQ(timers.size(), 3U);
  EXPECT_EQ(timers.deadline()->why, "one");
  timers.run_due(Time(milliseconds(10)));
  EXPECT_EQ(log, "12");
  EXPECT_FALSE(one.running());
  EXPECT_TRUE(late.running());
  late.stop();
  EXPECT_EQ(timers.size(), 0U);
  EXPECT_FALSE(timers.deadline());
}

TEST(StackTimers, an_action_may_destroy_its_owner) {
  StackTimers timers;
  auto owner = std::make_unique<Timer>();
  *owner = timers.start(Time{}, "why", [&](Time) { owner.reset(); });
  timers.run_due(Time{});
  EXPECT_FALSE(owner);
}

}  // namespace
}  // namespace sidetone::sip
