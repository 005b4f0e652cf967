#include "endpoint/headset_commands.h"

namespace sidetone::endpoint {
namespace {

struct Calls {
  const CallSnapshot* ringing = nullptr;  // the first that waits
  const CallSnapshot* spoken = nullptr;   // answered or being made, and not on hold
  const CallSnapshot* held = nullptr;     // by us; the last one
};

Calls look_at(const Snapshot& snapshot) {
  Calls calls;
  for (const auto& call : snapshot.calls) {
    if (call.direction == CallDirection::incoming && call.state == CallState::ringing) {
      if (calls.ringing == nullptr) calls.ringing = &call;
    } else if (call.state != CallState::ended) {
      (call.hold_wanted ? calls.held : calls.spoken) = &call;
    }
  }
  return calls;
}

}  // namespace

device::HeadsetCalls headset_calls(const Snapshot& snapshot) {
  const auto calls = look_at(snapshot);
  device::HeadsetCalls shown;
  shown.ringing = calls.ringing != nullptr;
  shown.off_hook = calls.spoken != nullptr || calls.held != nullptr;
  shown.muted = calls.spoken != nullptr && calls.spoken->muted;
  shown.held = calls.held != nullptr;
  return shown;
}

std::optional<Command> headset_command(device::HeadsetAction action, const Snapshot& snapshot) {
  using device::HeadsetAction;
  const auto calls = look_at(snapshot);
  const auto* current = calls.spoken != nullptr ? calls.spoken : calls.held;
  switch (action) {
    case HeadsetAction::answer:
      if (calls.ringing != nullptr) return Answer{calls.ringing->call};
      break;
    case HeadsetAction::reject:
      if (calls.ringing != nullptr) return Reject{calls.ringing->call};
      break;
    case HeadsetAction::hang_up:
      if (current != nullptr) return HangUp{current->call};
      break;
    case HeadsetAction::mute:
    case HeadsetAction::unmute:
      if (current != nullptr) return Mute{current->call, action == HeadsetAction::mute};
      break;
    case HeadsetAction::flash:  // the next call: the one that rings, or hold, or back
      if (calls.ringing != nullptr) return Answer{calls.ringing->call};
      if (calls.held != nullptr) return Resume{calls.held->call};
      if (calls.spoken != nullptr) return Hold{calls.spoken->call};
      break;
  }
  return std::nullopt;
}

}  // namespace sidetone::endpoint
