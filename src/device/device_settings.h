// The options of policy.device and what belongs to them of policy.session, as plain data.
#pragma once

#include <string>
#include <vector>

namespace sidetone::device {

// One item of include_headset: names, or parts of names.
struct HeadsetPair {
  std::string microphone, speaker;
  friend bool operator==(const HeadsetPair&, const HeadsetPair&) = default;
};

struct DeviceSettings {
  bool use_headset = false;
  // Proper names or regular expressions, best first.
  std::vector<std::string> headset_name, audio_in_device, audio_out_device, ringer_device, exclude_headset;
  std::vector<HeadsetPair> include_headset;
  bool reject_session_when_headset_na = false;
  // Where a file takes the device's place, the device is not missed.
  bool microphone_needed = true, speaker_needed = true;
};

}  // namespace sidetone::device
