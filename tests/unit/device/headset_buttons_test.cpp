// Scripts of a headset and its user: what each report means in each state of the calls.
#include "device/headset_buttons.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "headset_descriptors.h"

namespace sidetone::device {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using enum HeadsetAction;

constexpr HeadsetCalls idle{}, ringing{.ringing = true}, talking{.off_hook = true},
    muted{.off_hook = true, .muted = true}, held{.off_hook = true, .held = true},
    second_rings{.ringing = true, .off_hook = true};

struct Step {
  std::optional<HeadsetCalls> calls;  // we tell the headset, or
  Bytes report;                       // it tells us
  std::vector<HeadsetAction> actions;
};
struct Script {
  std::string_view what;
  const Bytes& descriptor;
  std::vector<Step> steps;
};
Step now(HeadsetCalls calls) { return {calls, {}, {}}; }
Step says(Bytes report, std::vector<HeadsetAction> actions = {}) {
  return {std::nullopt, std::move(report), std::move(actions)};
}

const Script scripts[] = {
    {"answer by the button, hang up by the button",
     common_headset,
     {now(ringing), says({1, 1}, {answer}), now(talking), says({1, 1}), says({1, 0}, {hang_up}), now(idle),
      says({1, 0})}},
    {"answer in the window: the headset's echo is nobody's wish",
     common_headset,
     {now(ringing), now(talking), says({1, 1}), says({1, 0}, {hang_up})}},
    {"hang up in the window: the echo is nobody's wish",
     common_headset,
     {now(talking), says({1, 1}), now(idle), says({1, 0}), now(ringing), says({1, 1}, {answer})}},
    {"a headset without echo still hangs up",
     common_headset,
     {now(ringing), now(talking), says({1, 0}, {hang_up})}},
    {"... and its mute button does not hang up",
     common_headset,
     {now(talking), says({1, 2}, {mute}), now(muted)}},
    {"the hook button without a call is nothing", common_headset, {says({1, 1}), says({1, 0})}},
    {"off the hook already when it rings: lifting it again answers",
     common_headset,
     {says({1, 1}), now(ringing), says({1, 1}), says({1, 0}), says({1, 1}, {answer})}},
    {"relative mute: each press asks for the other state",
     common_headset,
     {now(talking), says({1, 1}), says({1, 3}, {mute}), now(muted), says({1, 1}), says({1, 3}, {unmute}),
      now(talking), says({1, 1})}},
    {"muted in the window, unmuted on the headset",
     common_headset,
     {now(talking), says({1, 1}), now(muted), says({1, 3}, {unmute})}},
    {"mute without a call is nothing", common_headset, {says({1, 2}), says({1, 0})}},
    {"a held mute button is one press",
     common_headset,
     {now(talking), says({1, 3}, {mute}), says({1, 3}), says({1, 3})}},
    {"a mute that tells a state",
     plain_headset,
     {now(talking), says({0x04}), says({0x0c}, {mute}), now(muted), says({0x0c}), says({0x04}, {unmute})}},
    {"... and echoes ours",
     plain_headset,
     {now(talking), says({0x04}), now(muted), says({0x0c}), now(talking), says({0x04})}},
    {"flash: hold and back",
     common_headset,
     {now(talking), says({1, 1}), says({1, 5}, {flash}), now(held), says({1, 1}), says({1, 5}, {flash})}},
    {"flash takes a second call",
     common_headset,
     {now(talking), says({1, 1}), now(second_rings), says({1, 5}, {flash})}},
    {"flash without a call is nothing", common_headset, {says({1, 4})}},
    {"drop rejects", plain_headset, {now(ringing), says({0x10}, {reject}), says({0x00})}},
    {"drop hangs up", plain_headset, {now(talking), says({0x14}, {hang_up})}},
    {"other keys are nobody's wish",
     plain_headset,
     {now(talking), says({0x04}), says({0x05}), says({0x04}), says({0x06})}},
    {"buttons as an array",
     array_headset,
     {now(ringing), says({1}, {answer}), now(talking), says({0}, {hang_up})}},
    {"reports of another kind, or cut off",
     common_headset,
     {now(ringing), says({9, 1}), says({1}), says({}), says({1, 1, 0xff, 0xff}, {answer})}},
};

TEST(HeadsetButtons, Scripts) {
  for (const auto& script : scripts) {
    SCOPED_TRACE(script.what);
    HeadsetButtons buttons(*HidTelephony::parse(script.descriptor));
    buttons.set_calls(idle);
    for (std::size_t i = 0; i < script.steps.size(); ++i) {
      SCOPED_TRACE(i);
      const auto& step = script.steps[i];
      if (step.calls)
        buttons.set_calls(*step.calls);
      else
        EXPECT_EQ(buttons.take_report(step.report), step.actions);
    }
  }
}

TEST(HeadsetButtons, LampsShowTheCallsAndAreSentOnChange) {
  HeadsetButtons buttons(*HidTelephony::parse(common_headset));
  EXPECT_THAT(buttons.set_calls(idle), ElementsAre(Bytes{2, 0})) << "whatever it showed before";
  EXPECT_THAT(buttons.set_calls(idle), IsEmpty());
  EXPECT_THAT(buttons.set_calls(ringing), ElementsAre(Bytes{2, 4}));
  EXPECT_THAT(buttons.set_calls(talking), ElementsAre(Bytes{2, 1}));
  EXPECT_THAT(buttons.set_calls(muted), ElementsAre(Bytes{2, 3}));
  EXPECT_THAT(buttons.set_calls(muted), IsEmpty());
  EXPECT_THAT(buttons.set_calls(held), ElementsAre(Bytes{2, 9}));
  EXPECT_THAT(buttons.set_calls({.muted = true}), ElementsAre(Bytes{2, 0})) << "no call, no mute lamp";
}

}  // namespace
}  // namespace sidetone::device
