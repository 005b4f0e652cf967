// What is done to the microphone's sound: policy.session.echo_control, noise_suppression, agc_mode.
#pragma once

namespace sidetone::device {

struct VoiceSettings {
  bool echo_control = false;
  bool noise_suppression = false;
  bool gain_control = false;
  [[nodiscard]] bool any() const { return echo_control || noise_suppression || gain_control; }
  friend bool operator==(const VoiceSettings&, const VoiceSettings&) = default;
};

}  // namespace sidetone::device
