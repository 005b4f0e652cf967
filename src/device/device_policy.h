// Which devices a call uses, and whether calls may be made and answered with them. The rules are those of the
// deployment guide, "Selection rules" and "Combinations of settings". Pure: lists go in, decisions come out.
//
//   DevicePolicy policy(settings);
//   policy.set_devices(list);                       // at start, and whenever a device comes or goes
//   policy.route().microphone                       // what to open
//   policy.should_answer(auto_answer).answer        // what to do with an incoming call
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "device/device.h"
#include "device/device_search.h"
#include "device/device_settings.h"

namespace sidetone::device {

// Why a device was chosen.
enum class ChosenBy : std::uint8_t {
  headset_name,     // use_headset=1: a listed headset
  include_headset,  // use_headset=1: a pair that counts as one
  option,           // audio_in_device, audio_out_device, ringer_device
  order,            // nothing configured is there: the first one of the sound system
  hand,             // the user
};

struct Chosen {
  Device device;
  ChosenBy by = ChosenBy::order;
  friend bool operator==(const Chosen&, const Chosen&) = default;
};

// Nothing: there is no usable device.
struct Route {
  std::optional<Chosen> microphone, speaker;
  std::optional<Chosen> ringer;          // ringing_enabled 4 and 5
  std::optional<Device> system_speaker;  // ringing_enabled 1, 3, 5 and 7
  friend bool operator==(const Route&, const Route&) = default;
};

// The guide's policy "should answer".
enum class ShouldAnswer : std::uint8_t {
  yes,      // by itself, after auto_answer_delay
  unknown,  // the user decides
  no,       // the call is rejected with sip_code_when_headset_na
};
struct AnswerVerdict {
  ShouldAnswer answer = ShouldAnswer::unknown;
  std::string reason;  // why not by itself, or not at all; empty when nothing is in the way
};
struct CallVerdict {
  bool may_call = true;
  std::string reason;
};

// What the user chose by hand: ids; empty: automatic. It counts while it is there, and makes no headset of
// anything.
struct HandChoice {
  std::string microphone, speaker;
};

class DevicePolicy {
 public:
  explicit DevicePolicy(const DeviceSettings& settings);

  // Other rules for the same devices; what the user chose by hand stays chosen.
  void use(const DeviceSettings& settings);

  // True: the route or the headset's state is another one now.
  bool set_devices(DeviceList devices);
  bool choose(HandChoice choice);
  // A device that did not open. It is not chosen again before it has been unplugged and plugged in, or
  // everything is forgotten.
  bool set_unusable(const std::string& id);
  bool forget_unusable();

  [[nodiscard]] const DeviceList& devices() const { return devices_; }
  [[nodiscard]] const Route& route() const { return route_; }
  // A listed headset (or a pair of include_headset) is there; never with use_headset=0.
  [[nodiscard]] bool headset_available() const { return headset_available_; }
  [[nodiscard]] bool wants_headset() const { return settings_.use_headset; }

  [[nodiscard]] AnswerVerdict should_answer(bool auto_answer) const;
  [[nodiscard]] CallVerdict may_call() const;
  // Patterns that turned out unusable, in words; each is told once.
  [[nodiscard]] std::vector<std::string> take_warnings();

 private:
  bool select();
  void select_headset(Route& route);
  [[nodiscard]] FoundHeadset listed_headset(ChosenBy& by);
  [[nodiscard]] const Device* fallback(const std::vector<Device>& devices);
  [[nodiscard]] bool usable(const Device& device) const;
  [[nodiscard]] bool excluded(const Device& device);
  [[nodiscard]] std::string missing() const;

  DeviceSettings settings_;
  PatternList headset_name_, audio_in_, audio_out_, ringer_, exclude_;
  DeviceList devices_;
  HandChoice by_hand_;
  std::set<std::string> unusable_;  // ids of devices that are there
  Route route_;
  bool headset_available_ = false;
};

}  // namespace sidetone::device
