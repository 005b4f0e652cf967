// Finds devices for the options' patterns: one list of patterns per option, best first.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/name_pattern.h"
#include "device/device.h"
#include "device/device_settings.h"

namespace sidetone::device {

using MayUse = std::function<bool(const Device&)>;

// The patterns of one option.
class PatternList {
 public:
  PatternList(std::string option, const std::vector<std::string>& texts);

  // The first device of the best pattern that has one.
  [[nodiscard]] const Device* find(const std::vector<Device>& devices, const MayUse& may_use);
  [[nodiscard]] bool any_matches(const Device& device);
  [[nodiscard]] std::vector<NamePattern>& patterns() { return patterns_; }
  // What became unusable since the last time, in words that name the option.
  [[nodiscard]] std::vector<std::string> take_warnings();

 private:
  std::string option_;
  std::vector<NamePattern> patterns_;
  std::vector<bool> told_;
  bool too_many_ = false;
};

// A loopback of a speaker is no microphone, and "*" or "USB" must not make one of it: only its own name or id
// chooses it.
[[nodiscard]] bool chooses(NamePattern& pattern, const Device& device);

struct FoundHeadset {
  const Device* microphone = nullptr;
  const Device* speaker = nullptr;
  [[nodiscard]] explicit operator bool() const { return microphone != nullptr; }
};

// The headset of one headset_name entry: a microphone and a speaker that both match it, of the same hardware
// if possible.
[[nodiscard]] FoundHeadset find_headset(NamePattern& entry, const DeviceList& devices, const MayUse& may_use);
// The headset that an item of include_headset makes of two devices.
[[nodiscard]] FoundHeadset find_pair(const HeadsetPair& pair, const DeviceList& devices,
                                     const MayUse& may_use);

}  // namespace sidetone::device
