// The sound devices that are there, as the policy sees them: values from the sound system, without it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace sidetone::device {

struct Device {
  std::string id;             // the sound system's own, the same whenever the device is plugged in again
  std::string name;           // for people, and for the options' patterns
  std::string group;          // equal for the parts of one piece of hardware; empty: not known
  bool is_default = false;    // what the system uses when nobody chooses
  bool is_monitor = false;    // a "microphone" that hears what a speaker plays
  bool cancels_echo = false;  // a microphone behind an echo canceller of the sound system
  friend bool operator==(const Device&, const Device&) = default;
};

// In the order of the sound system.
struct DeviceList {
  std::vector<Device> microphones, speakers;
  // What their sound server delivers without dropouts, each way.
  std::chrono::milliseconds latency{25};
  friend bool operator==(const DeviceList&, const DeviceList&) = default;
};

}  // namespace sidetone::device
