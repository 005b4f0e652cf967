// The sound devices as the log tells them, in the numbers of the product's log: microphones from 1001,
// speakers from 2001, headsets (a microphone and a speaker of one piece of hardware) from 3001.
#pragma once

#include <string>

#include "device/device.h"

namespace sidetone::engine {

// Lines without control characters, for LogTag::report.
[[nodiscard]] std::string device_dump(const device::DeviceList& devices);

}  // namespace sidetone::engine
