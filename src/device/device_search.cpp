#include "device/device_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace sidetone::device {
namespace {

// Every pattern is tried on every device whenever one is plugged in: a workplace has a handful of models.
constexpr std::size_t patterns_max = 64;

bool same_hardware(const Device& a, const Device& b) { return !a.group.empty() && a.group == b.group; }

bool is_part(const std::string& part, const Device& device) {
  return device.is_monitor ? iequals(part, device.name) || part == device.id
                           : name_contains(device.name, part);
}

}  // namespace

PatternList::PatternList(std::string option, const std::vector<std::string>& texts)
    : option_(std::move(option)), too_many_(texts.size() > patterns_max) {
  for (const auto& text : texts)
    if (patterns_.size() < patterns_max && !text.empty()) patterns_.emplace_back(text);
  told_.resize(patterns_.size(), false);
}

const Device* PatternList::find(const std::vector<Device>& devices, const MayUse& may_use) {
  for (auto& pattern : patterns_)
    for (const auto& device : devices)
      if (may_use(device) && chooses(pattern, device)) return &device;
  return nullptr;
}

bool PatternList::any_matches(const Device& device) {
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](NamePattern& pattern) { return pattern.matches(device.name); });
}

std::vector<std::string> PatternList::take_warnings() {
  std::vector<std::string> warnings;
  if (std::exchange(too_many_, false))
    warnings.push_back(fmt::format("{}: only the first {} names are used", option_, patterns_max));
  for (std::size_t i = 0; i < patterns_.size(); ++i) {
    if (told_[i] || patterns_[i].fault().empty()) continue;
    told_[i] = true;
    warnings.push_back(fmt::format("{}: '{}' {}", option_, patterns_[i].text(), patterns_[i].fault()));
  }
  return warnings;
}

bool chooses(NamePattern& pattern, const Device& device) {
  if (pattern.is_name(device.id)) return true;
  return device.is_monitor ? pattern.is_name(device.name) : pattern.matches(device.name);
}

FoundHeadset find_headset(NamePattern& entry, const DeviceList& devices, const MayUse& may_use) {
  FoundHeadset loose;
  for (const auto& microphone : devices.microphones) {
    if (!may_use(microphone) || !chooses(entry, microphone)) continue;
    for (const auto& speaker : devices.speakers) {
      if (!may_use(speaker) || !chooses(entry, speaker)) continue;
      if (same_hardware(microphone, speaker)) return {&microphone, &speaker};
      // "*" says nothing of what belongs together: a camera's microphone and a screen are no headset.
      const bool unlike = !microphone.group.empty() || !speaker.group.empty();
      if (!loose && !(entry.text() == "*" && unlike)) loose = {&microphone, &speaker};
    }
  }
  return loose;
}

FoundHeadset find_pair(const HeadsetPair& pair, const DeviceList& devices, const MayUse& may_use) {
  const auto find = [&](const std::vector<Device>& among, const std::string& part) {
    const auto found = std::find_if(among.begin(), among.end(), [&](const Device& device) {
      return may_use(device) && is_part(part, device);
    });
    return found == among.end() ? nullptr : &*found;
  };
  const auto* microphone = find(devices.microphones, pair.microphone);
  const auto* speaker = find(devices.speakers, pair.speaker);
  if (microphone == nullptr || speaker == nullptr) return {};
  return {microphone, speaker};
}

}  // namespace sidetone::device
