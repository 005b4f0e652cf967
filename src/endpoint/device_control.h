// The device policy at work: device lists and the calls' comings and goings in; orders to open and close
// devices, events and verdicts out. Without device settings (no hardware is used) nothing is in the way.
#pragma once

#include <optional>
#include <string>

#include "device/device_policy.h"
#include "device/device_use.h"
#include "endpoint/core_settings.h"
#include "endpoint/incoming_alert.h"
#include "endpoint/outbox.h"
#include "sidetone/commands.h"
#include "sidetone/snapshot.h"

namespace sidetone::endpoint {

// What a device that was ordered did instead of working.
struct DeviceFailure {
  std::string microphone, speaker;  // ids of those that do not work
  std::string why;
};

class DeviceControl {
 public:
  DeviceControl(const std::optional<CoreDevices>& settings, int ringer_volume, Outbox& outbox);

  void start();
  // The policy is for the next call: with calls alive it waits for their end. The processing of the voice
  // changes at once, where the configuration changed it.
  void reconfigure(const std::optional<CoreDevices>& settings);
  void set_devices(device::DeviceList devices);
  void choose(device::HandChoice choice);
  void process_voice(const sidetone::ProcessVoice& wanted);
  void set_calls(bool any, Time now);
  void device_failed(const DeviceFailure& failure, Time now);
  // The devices in use have stopped, and it is not known which of them is to blame.
  void device_lost(const std::string& why, Time now);
  void on_time(Time now);
  [[nodiscard]] std::optional<Deadline> deadline() const;

  [[nodiscard]] device::AnswerVerdict should_answer(bool auto_answer) const;
  [[nodiscard]] device::CallVerdict may_call() const;
  [[nodiscard]] int refusal_status() const { return settings_ ? settings_->headset_na_status : 480; }
  [[nodiscard]] bool manages_devices() const { return settings_.has_value(); }
  [[nodiscard]] const DevicesSnapshot& snapshot() const { return shown_; }
  [[nodiscard]] AlertDevices alert_devices() const;
  [[nodiscard]] std::string speaker_name(const std::string& id) const;
  void set_ringer_volume(int percent);

 private:
  void use_next_policy();
  void order_devices();
  void order_voice();
  void tell();
  void show_voice(DevicesSnapshot& shown) const;

  std::optional<CoreDevices> settings_;
  device::VoiceSettings configured_voice_;  // the user may have chosen otherwise since
  std::optional<CoreDevices> next_;         // when no call is alive
  Outbox& outbox_;
  device::DevicePolicy policy_;
  device::DeviceUse use_;
  bool known_ = false;  // a list has come
  UseDevices ordered_;
  endpoint::ProcessVoice voice_ordered_;
  int ringer_volume_ = 100;
  DevicesSnapshot shown_;
  std::optional<Time> retry_at_;
  bool lost_ = false;    // nothing is ordered before retry_at_, or before the list of devices changes
  unsigned losses_ = 0;  // one after the other
};

}  // namespace sidetone::endpoint
