#include "device/device_policy.h"

#include <algorithm>
#include <utility>

namespace sidetone::device {
namespace {

// More devices than a machine has: what a broken sound system lists beyond is not looked at.
constexpr std::size_t devices_max = 128;

// The order in which WebRTC's lists offer devices: the system's default, then as they come.
void put_default_first(std::vector<Device>& devices) {
  if (devices.size() > devices_max) devices.resize(devices_max);
  std::stable_partition(devices.begin(), devices.end(),
                        [](const Device& device) { return device.is_default; });
}

const Device* find_id(const std::vector<Device>& devices, const std::string& id) {
  const auto found =
      std::find_if(devices.begin(), devices.end(), [&](const Device& device) { return device.id == id; });
  return found == devices.end() ? nullptr : &*found;
}

void take(std::optional<Chosen>& place, const Device* device, ChosenBy by) {
  if (!place && device != nullptr) place = Chosen{*device, by};
}

}  // namespace

DevicePolicy::DevicePolicy(const DeviceSettings& settings)
    : settings_(settings),
      headset_name_("policy.device.headset_name", settings.headset_name),
      audio_in_("policy.device.audio_in_device", settings.audio_in_device),
      audio_out_("policy.device.audio_out_device", settings.audio_out_device),
      ringer_("policy.device.ringer_device", settings.ringer_device),
      exclude_("policy.device.exclude_headset", settings.exclude_headset) {}

void DevicePolicy::use(const DeviceSettings& settings) {
  DevicePolicy next(settings);
  next.devices_ = std::move(devices_);
  next.by_hand_ = std::move(by_hand_);
  next.unusable_ = std::move(unusable_);
  *this = std::move(next);
  static_cast<void>(select());
}

bool DevicePolicy::set_devices(DeviceList devices) {
  put_default_first(devices.microphones);
  put_default_first(devices.speakers);
  devices_ = std::move(devices);
  std::erase_if(unusable_, [this](const std::string& id) {
    return find_id(devices_.microphones, id) == nullptr && find_id(devices_.speakers, id) == nullptr;
  });
  return select();
}

bool DevicePolicy::choose(HandChoice choice) {
  by_hand_ = std::move(choice);
  return select();
}

bool DevicePolicy::set_unusable(const std::string& id) {
  if (find_id(devices_.microphones, id) == nullptr && find_id(devices_.speakers, id) == nullptr) return false;
  unusable_.insert(id);
  return select();
}

bool DevicePolicy::forget_unusable() {
  unusable_.clear();
  return select();
}

bool DevicePolicy::usable(const Device& device) const { return !unusable_.contains(device.id); }

bool DevicePolicy::excluded(const Device& device) { return exclude_.any_matches(device); }

bool DevicePolicy::select() {
  const auto may_use = [this](const Device& device) { return usable(device); };
  Route route;
  const bool had_headset = std::exchange(headset_available_, false);
  if (!by_hand_.microphone.empty() && !unusable_.contains(by_hand_.microphone))
    take(route.microphone, find_id(devices_.microphones, by_hand_.microphone), ChosenBy::hand);
  if (!by_hand_.speaker.empty() && !unusable_.contains(by_hand_.speaker))
    take(route.speaker, find_id(devices_.speakers, by_hand_.speaker), ChosenBy::hand);
  if (settings_.use_headset) {
    select_headset(route);
  } else {
    take(route.microphone, audio_in_.find(devices_.microphones, may_use), ChosenBy::option);
    take(route.speaker, audio_out_.find(devices_.speakers, may_use), ChosenBy::option);
  }
  take(route.microphone, fallback(devices_.microphones), ChosenBy::order);
  take(route.speaker, fallback(devices_.speakers), ChosenBy::order);
  take(route.ringer, ringer_.find(devices_.speakers, may_use), ChosenBy::option);
  take(route.ringer, fallback(devices_.speakers), ChosenBy::order);
  if (!devices_.speakers.empty()) route.system_speaker = devices_.speakers.front();
  const bool changed = route != route_ || had_headset != headset_available_;
  route_ = std::move(route);
  return changed;
}

void DevicePolicy::select_headset(Route& route) {
  ChosenBy by = ChosenBy::headset_name;
  const auto headset = listed_headset(by);
  if (!headset) return;
  headset_available_ = true;
  take(route.microphone, headset.microphone, by);
  take(route.speaker, headset.speaker, by);
}

// headset_name is a list of priorities; a pair of include_headset has the priority of the entry that one of
// its two devices matches, and comes last when none does.
FoundHeadset DevicePolicy::listed_headset(ChosenBy& by) {
  const auto may_use = [this](const Device& device) { return usable(device) && !excluded(device); };
  std::vector<FoundHeadset> pairs;
  for (const auto& pair : settings_.include_headset)
    if (const auto found = find_pair(pair, devices_, may_use)) pairs.push_back(found);
  for (auto& entry : headset_name_.patterns()) {
    if (const auto found = find_headset(entry, devices_, may_use)) return found;
    for (const auto& pair : pairs)
      if (chooses(entry, *pair.microphone) || chooses(entry, *pair.speaker)) {
        by = ChosenBy::include_headset;
        return pair;
      }
  }
  by = ChosenBy::include_headset;
  return pairs.empty() ? FoundHeadset{} : pairs.front();
}

// With use_headset=1 an excluded device is taken only when there is no better one.
const Device* DevicePolicy::fallback(const std::vector<Device>& devices) {
  const Device* last_resort = nullptr;
  for (const auto& device : devices) {
    if (!usable(device) || device.is_monitor) continue;
    if (!settings_.use_headset || !excluded(device)) return &device;
    if (last_resort == nullptr) last_resort = &device;
  }
  return last_resort;
}

// use_headset=0: what of the two sides is not there.
std::string DevicePolicy::missing() const {
  const bool microphone = settings_.microphone_needed && !route_.microphone;
  const bool speaker = settings_.speaker_needed && !route_.speaker;
  if (microphone && speaker) return "there is no usable microphone and no usable speaker";
  if (microphone) return "there is no usable microphone";
  if (speaker) return "there is no usable speaker";
  return {};
}

AnswerVerdict DevicePolicy::should_answer(bool auto_answer) const {
  const auto by_itself = auto_answer ? ShouldAnswer::yes : ShouldAnswer::unknown;
  if (settings_.use_headset) {
    if (headset_available_) return {by_itself, {}};
    if (settings_.reject_session_when_headset_na)
      return {ShouldAnswer::no,
              "no headset of headset_name is plugged in, and reject_session_when_headset_na is 1"};
    return {ShouldAnswer::unknown, "no headset of headset_name is plugged in"};
  }
  auto reason = missing();
  if (!reason.empty()) return {ShouldAnswer::unknown, std::move(reason)};
  return {by_itself, {}};
}

CallVerdict DevicePolicy::may_call() const {
  if (settings_.use_headset && settings_.reject_session_when_headset_na && !headset_available_)
    return {false, "no headset of headset_name is plugged in, and reject_session_when_headset_na is 1"};
  return {};
}

std::vector<std::string> DevicePolicy::take_warnings() {
  std::vector<std::string> all;
  for (auto* list : {&headset_name_, &audio_in_, &audio_out_, &ringer_, &exclude_})
    for (auto& warning : list->take_warnings()) all.push_back(std::move(warning));
  return all;
}

}  // namespace sidetone::device
