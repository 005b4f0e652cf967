// The sound devices of this machine.
#pragma once

#include <string>
#include <vector>

#include "base/expected.h"

namespace sidetone::media {

struct DeviceInfo {
  enum class Direction { input, output } direction = Direction::output;
  std::string id;          // for DeviceChoice
  std::string name;        // for people
  bool preferred = false;  // the system's default
  bool monitor = false;    // an output's loopback, not a microphone
};

// Enabled devices only. Blocks for some milliseconds: not for the media or signalling thread.
[[nodiscard]] Expected<std::vector<DeviceInfo>> list_devices();

}  // namespace sidetone::media
