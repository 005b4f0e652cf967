// Which tone is heard of incoming calls, where and for how long: the guide's ringing_enabled and its
// neighbours.
#include "endpoint/incoming_alert.h"

#include <gmock/gmock.h>

#include <functional>

namespace sidetone::endpoint {
namespace {

using namespace std::chrono_literals;

constexpr CallId first{1}, second{2};
constexpr auto rings = CallPresence::rings, silent = CallPresence::silent, active = CallPresence::active,
               held = CallPresence::held, over = CallPresence::over;

// The headset is open for calls; the system's default is another device, and the ringer a third.
const AlertDevices three_devices{"headset", "headset", "desk", "bell"};

std::string text_of(const Alert& alert) {
  std::string text = alert.tone == Tone::none ? "-" : alert.tone == Tone::ringing ? "rings" : "waits";
  if (alert.once) text += " once";
  for (const auto& place : alert.places) {
    text += " " + (place.device.empty() ? std::string("calls") : place.device);
    text += place.file == ToneFile::system_ringing ? "/system"
            : place.file == ToneFile::call_waiting ? "/waiting"
                                                   : "/session";
  }
  return text;
}

TEST(RingingEnabled, EveryValueHasItsDevicesAndFiles) {
  const AlertDevices closed{"", "headset", "desk", "bell"}, one{"pc", "pc", "pc", "pc"},
      no_ringer{"headset", "headset", "desk", ""}, nothing{};
  const struct {
    int value;
    AlertDevices devices;
    const char* heard;
  } rows[] = {
      {0, three_devices, "-"},
      {1, three_devices, "rings desk/system"},
      {2, three_devices, "rings calls/session"},
      {3, three_devices, "rings calls/session desk/system"},
      {4, three_devices, "rings bell/session"},
      {5, three_devices, "rings bell/session desk/system"},
      {6, three_devices, "rings once calls/session"},
      {7, three_devices, "rings once calls/session desk/system"},
      // The headset is not open for calls (a file takes its place): it rings as a device of its own.
      {2, closed, "rings headset/session"},
      {7, closed, "rings once headset/session desk/system"},
      // All are the same device: it is heard once.
      {1, one, "rings calls/system"},
      {3, one, "rings calls/session"},
      {5, one, "rings calls/session"},
      {5, no_ringer, "rings desk/system"},
      // Nothing can sound; a window still hears of it.
      {3, nothing, "rings"},
  };
  for (const auto& row : rows) {
    IncomingAlert alert({.ringing = static_cast<RingWhere>(row.value)});
    alert.set_devices(row.devices);
    alert.set_call(first, rings);
    EXPECT_EQ(text_of(alert.choose(Time{})), row.heard) << "ringing_enabled " << row.value;
  }
}

TEST(RingingEnabled, OtherCallsDecideBetweenRingtoneAndCallWaiting) {
  const struct {
    const char* name;
    std::vector<CallPresence> calls;
    bool while_held, call_waiting;
    const char* heard;
  } rows[] = {
      {"no call", {}, true, true, "-"},
      {"one that rings", {rings}, true, true, "rings calls/session"},
      {"make-call-alert-info: the user's own call does not ring", {silent}, true, true, "-"},
      {"... nor does it wait", {active, silent}, true, true, "-"},
      {"... but another one rings", {silent, rings}, true, true, "rings calls/session"},
      {"an active call", {active, rings}, true, true, "waits calls/waiting"},
      {"callwait_tone_enabled=0", {active, rings}, true, false, "-"},
      {"ringing_while_call_held=1: held is not active", {held, rings}, true, true, "rings calls/session"},
      {"ringing_while_call_held=0", {held, rings}, false, true, "waits calls/waiting"},
      {"ringing_while_call_held=0, no tone", {held, rings}, false, false, "-"},
      {"held and active", {held, active, rings}, true, true, "waits calls/waiting"},
      {"two that ring", {rings, rings}, true, true, "rings calls/session"},
      {"one is over", {over, rings}, true, true, "rings calls/session"},
  };
  for (const auto& row : rows) {
    IncomingAlert alert({.ringing = RingWhere::headset,
                         .ringing_while_call_held = row.while_held,
                         .call_waiting = row.call_waiting});
    alert.set_devices(three_devices);
    std::uint64_t id = 0;
    for (const auto presence : row.calls) alert.set_call(CallId{++id}, presence);
    EXPECT_EQ(text_of(alert.choose(Time{})), row.heard) << row.name;
  }
}

class AlertTest : public testing::Test {
 protected:
  void begin(ToneSettings settings) {
    alert_.emplace(settings);
    alert_->set_devices(three_devices);
  }
  std::string after(Duration time) {
    now_ += time;
    if (const auto due = alert_->deadline(); due && due->when <= now_) alert_->on_time(now_);
    return text_of(alert_->choose(now_));
  }
  std::string with(CallId call, CallPresence presence) {
    alert_->set_call(call, presence);
    return text_of(alert_->choose(now_));
  }
  Time now_{};
  std::optional<IncomingAlert> alert_;
};

TEST_F(AlertTest, AnswerAndEndStopTheRingtone) {
  for (const auto last : {active, over}) {
    begin({.ringing = RingWhere::headset});
    EXPECT_EQ(with(first, rings), "rings calls/session");
    EXPECT_EQ(with(first, last), "-");
    EXPECT_EQ(alert_->any_call(), last == active);
  }
}

TEST_F(AlertTest, RingingTimeoutEndsTheRingtoneOfEachCall) {
  begin({.ringing = RingWhere::headset, .ringing_timeout = 10s});
  EXPECT_EQ(with(first, rings), "rings calls/session");
  EXPECT_EQ(after(6s), "rings calls/session");
  EXPECT_EQ(with(second, rings), "rings calls/session");
  EXPECT_EQ(after(3999ms), "rings calls/session");
  EXPECT_EQ(after(1ms), "rings calls/session") << "the second one's turn";
  EXPECT_EQ(alert_->choose(now_).call, second);
  EXPECT_EQ(after(9999ms), "rings calls/session");
  EXPECT_EQ(after(1ms), "-");
  EXPECT_EQ(with(first, over), "-") << "what has rung out stays silent";
}

TEST_F(AlertTest, RingingTimeoutOfNothingSetsNoLimit) {
  begin({.ringing = RingWhere::headset, .ringing_timeout = 0s});
  EXPECT_EQ(with(first, rings), "rings calls/session");
  EXPECT_FALSE(alert_->deadline());
  EXPECT_EQ(after(24h), "rings calls/session");
}

TEST_F(AlertTest, CallWaitingHasNoTimeout) {
  begin({.ringing = RingWhere::headset, .ringing_timeout = 10s});
  with(first, active);
  EXPECT_EQ(with(second, rings), "waits calls/waiting");
  EXPECT_FALSE(alert_->deadline());
}

TEST_F(AlertTest, TheToneFollowsTheOtherCall) {
  begin({.ringing = RingWhere::headset, .ringing_while_call_held = true});
  with(first, active);
  EXPECT_EQ(with(second, rings), "waits calls/waiting");
  EXPECT_EQ(with(first, held), "rings calls/session");
  EXPECT_EQ(with(first, active), "waits calls/waiting");
  EXPECT_EQ(with(first, over), "rings calls/session");
}

// 6 and 7: "once only for the full duration (ringing_timeout is ignored, and ringing does not stop when the
// call is answered)".
TEST_F(AlertTest, OnceIsNotCutByAnswerNorTimeout) {
  begin({.ringing = RingWhere::system_and_headset_once, .ringing_timeout = 1s});
  EXPECT_EQ(with(first, rings), "rings once calls/session desk/system");
  EXPECT_EQ(with(first, active), "rings once calls/session desk/system");
  EXPECT_EQ(after(60s), "rings once calls/session desk/system");
  EXPECT_EQ(with(second, rings), "rings once calls/session desk/system") << "to its end";
  alert_->place_ended();
  EXPECT_EQ(after(0s), "rings once calls/session desk/system") << "the other device still sounds";
  alert_->place_ended();
  EXPECT_EQ(after(0s), "waits calls/waiting") << "now the second call is heard";
}

TEST_F(AlertTest, OnceIsOnce) {
  begin({.ringing = RingWhere::headset_once});
  with(first, rings);
  alert_->place_ended();
  EXPECT_EQ(after(0s), "-");
  EXPECT_EQ(with(second, rings), "rings once calls/session") << "for each call";
  EXPECT_EQ(alert_->choose(now_).call, second);
}

TEST_F(AlertTest, OnceEndsWithItsCall) {
  begin({.ringing = RingWhere::headset_once});
  with(first, rings);
  with(first, active);
  EXPECT_EQ(with(first, over), "-");
}

TEST_F(AlertTest, ARingerThatFailsIsReplaced) {
  begin({.ringing = RingWhere::ringer});
  with(first, rings);
  alert_->device_failed("bell");
  EXPECT_EQ(after(0s), "rings calls/session") << "a phone that rings nowhere is missed calls";
  with(first, over);
  EXPECT_EQ(with(second, rings), "rings bell/session") << "the next call tries it again";
  alert_->device_failed("bell");
  EXPECT_EQ(after(0s), "rings calls/session");
  auto devices = three_devices;
  devices.ringer = "gong";
  alert_->set_devices(devices);
  EXPECT_EQ(after(0s), "rings gong/session");
}

TEST_F(AlertTest, TestSoundsOnceWithoutACall) {
  begin({.ringing = RingWhere::system_and_headset});
  EXPECT_TRUE(alert_->test());
  EXPECT_EQ(after(0s), "rings once calls/session desk/system");
  alert_->place_ended();
  alert_->place_ended();
  EXPECT_EQ(after(0s), "-");
  EXPECT_TRUE(alert_->test());
  EXPECT_EQ(with(first, rings), "rings calls/session desk/system") << "a real call";
  EXPECT_FALSE(alert_->test());
  begin({.ringing = RingWhere::nowhere});
  EXPECT_FALSE(alert_->test());
}

}  // namespace
}  // namespace sidetone::endpoint
