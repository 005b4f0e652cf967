// When the microphone and the speaker are open: during calls, a little longer (defer_device_release), and
// always for those that webrtc_audio_layer keeps (1000, 2000, 3000).
#pragma once

#include <chrono>
#include <optional>

#include "base/time.h"

namespace sidetone::device {

struct UseSettings {
  Duration release_delay = std::chrono::milliseconds(200);
  bool keep_microphone = false, keep_speaker = false;
};

class DeviceUse {
 public:
  explicit DeviceUse(UseSettings settings) : settings_(settings) {}

  void use(UseSettings settings) { settings_ = settings; }
  void set_calls(bool any, Time now) {
    if (any == calls_) return;
    calls_ = any;
    close_at_.reset();
    if (!any && settings_.release_delay > Duration::zero()) close_at_ = now + settings_.release_delay;
  }
  void on_time(Time now) {
    if (close_at_ && *close_at_ <= now) close_at_.reset();
  }
  [[nodiscard]] std::optional<Deadline> deadline() const {
    if (!close_at_) return std::nullopt;
    return Deadline{*close_at_, "device_release"};
  }

  [[nodiscard]] bool calls() const { return calls_; }
  [[nodiscard]] bool microphone() const { return calls_ || close_at_ || settings_.keep_microphone; }
  [[nodiscard]] bool speaker() const { return calls_ || close_at_ || settings_.keep_speaker; }

 private:
  UseSettings settings_;
  bool calls_ = false;
  std::optional<Time> close_at_;
};

}  // namespace sidetone::device
