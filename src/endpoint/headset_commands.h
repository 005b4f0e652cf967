// Between a headset and the calls: what it shows of them, and which call its buttons mean.
#pragma once

#include <optional>

#include "device/headset_buttons.h"
#include "sidetone/commands.h"
#include "sidetone/snapshot.h"

namespace sidetone::endpoint {

[[nodiscard]] device::HeadsetCalls headset_calls(const Snapshot& snapshot);
// Nothing: there is no call that it could be meant for (any more).
[[nodiscard]] std::optional<Command> headset_command(device::HeadsetAction action, const Snapshot& snapshot);

}  // namespace sidetone::endpoint
