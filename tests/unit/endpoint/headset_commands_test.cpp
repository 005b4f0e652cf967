#include "endpoint/headset_commands.h"

#include <gtest/gtest.h>

namespace sidetone::endpoint {
namespace {

using device::HeadsetAction;

CallSnapshot call(std::uint64_t id, CallState state, bool incoming = false, bool held = false,
                  bool muted = false) {
  CallSnapshot made;
  made.call = CallId{id};
  made.state = state;
  made.direction = incoming ? CallDirection::incoming : CallDirection::outgoing;
  made.hold_wanted = held;
  made.muted = muted;
  return made;
}

std::string text_of(const std::optional<Command>& command) {
  if (!command) return "";
  if (const auto* c = std::get_if<Answer>(&*command)) return "answer " + std::to_string(c->call.value);
  if (const auto* c = std::get_if<Reject>(&*command)) return "reject " + std::to_string(c->call.value);
  if (const auto* c = std::get_if<HangUp>(&*command)) return "hang up " + std::to_string(c->call.value);
  if (const auto* c = std::get_if<Hold>(&*command)) return "hold " + std::to_string(c->call.value);
  if (const auto* c = std::get_if<Resume>(&*command)) return "resume " + std::to_string(c->call.value);
  if (const auto* c = std::get_if<Mute>(&*command))
    return (c->on ? "mute " : "unmute ") + std::to_string(c->call.value);
  return "?";
}

struct Row {
  std::string_view what;
  std::vector<CallSnapshot> calls;
  device::HeadsetCalls shown;
  std::string_view answer, reject, hang_up, mute, unmute, flash;
};

const Row rows[] = {
    {"no call", {}, {}, "", "", "", "", "", ""},
    {"one rings",
     {call(1, CallState::ringing, true)},
     {.ringing = true},
     "answer 1",
     "reject 1",
     "",
     "",
     "",
     "answer 1"},
    {"ours rings there",
     {call(1, CallState::ringing)},
     {.off_hook = true},
     "",
     "",
     "hang up 1",
     "mute 1",
     "unmute 1",
     "hold 1"},
    {"spoken with, muted",
     {call(1, CallState::connected, true, false, true)},
     {.off_hook = true, .muted = true},
     "",
     "",
     "hang up 1",
     "mute 1",
     "unmute 1",
     "hold 1"},
    {"held",
     {call(1, CallState::connected, true, true)},
     {.off_hook = true, .held = true},
     "",
     "",
     "hang up 1",
     "mute 1",
     "unmute 1",
     "resume 1"},
    {"one held, one spoken with",
     {call(1, CallState::connected, true, true), call(2, CallState::connected)},
     {.off_hook = true, .held = true},
     "",
     "",
     "hang up 2",
     "mute 2",
     "unmute 2",
     "resume 1"},
    {"one spoken with, two ring",
     {call(1, CallState::connected), call(2, CallState::ringing, true), call(3, CallState::ringing, true)},
     {.ringing = true, .off_hook = true},
     "answer 2",
     "reject 2",
     "hang up 1",
     "mute 1",
     "unmute 1",
     "answer 2"},
    {"over", {call(1, CallState::ended)}, {}, "", "", "", "", "", ""},
};

TEST(HeadsetCommands, MeanTheCallThatTheUserMeans) {
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    Snapshot snapshot;
    snapshot.calls = row.calls;
    EXPECT_EQ(headset_calls(snapshot), row.shown);
    EXPECT_EQ(text_of(headset_command(HeadsetAction::answer, snapshot)), row.answer);
    EXPECT_EQ(text_of(headset_command(HeadsetAction::reject, snapshot)), row.reject);
    EXPECT_EQ(text_of(headset_command(HeadsetAction::hang_up, snapshot)), row.hang_up);
    EXPECT_EQ(text_of(headset_command(HeadsetAction::mute, snapshot)), row.mute);
    EXPECT_EQ(text_of(headset_command(HeadsetAction::unmute, snapshot)), row.unmute);
    EXPECT_EQ(text_of(headset_command(HeadsetAction::flash, snapshot)), row.flash);
  }
}

}  // namespace
}  // namespace sidetone::endpoint
