// The list of sound devices, from a sound server that may hang.
#pragma once

#include <chrono>
#include <vector>

#include "base/expected.h"
#include "media/device/device_list.h"

namespace sidetone::app {

// Fault::timeout when there is no answer within `patience`. The thread that asked then still waits, inside
// the sound server's library: the process must end with std::_Exit().
[[nodiscard]] Expected<std::vector<media::DeviceInfo>> list_devices_within(std::chrono::seconds patience);

}  // namespace sidetone::app
