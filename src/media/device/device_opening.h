// The opening of a device, on a thread of its own: a sound server can leave it unanswered forever (PipeWire
// does when the device goes at that moment), and nobody must wait for that one.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>

#include "media/device/audio_device.h"

namespace sidetone::media {

struct OpenedDevice {
  std::unique_ptr<AudioDevice> device;  // all that was asked for, or the side that works; null: nothing does
  std::optional<DeviceFailed> failed;
};

class DeviceOpening {
 public:
  // How many threads are at it; shared by all openings of one owner.
  using Count = std::shared_ptr<std::atomic<unsigned>>;
  DeviceOpening(DeviceChoice choice, Count count);
  // What still opens is closed by its own thread as soon as it is open.
  ~DeviceOpening();
  DeviceOpening(const DeviceOpening&) = delete;
  DeviceOpening& operator=(const DeviceOpening&) = delete;

  // Nothing: it has not come within `patience`.
  std::optional<OpenedDevice> wait(std::chrono::milliseconds patience);
  // The result of one that nobody waits for any more.
  [[nodiscard]] static OpenedDevice given_up(const DeviceChoice& choice);

 private:
  struct Attempt;
  std::shared_ptr<Attempt> attempt_;
};

}  // namespace sidetone::media
