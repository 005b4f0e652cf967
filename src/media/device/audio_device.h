// A running sound device, as the media thread sees it: frames in, frames out, and a descriptor that becomes
// readable when there is work. The device's own thread is behind it.
#pragma once

#include <memory>

#include "base/expected.h"
#include "media/audio_stream.h"
#include "media/media_thread.h"

namespace sidetone::media {

class AudioDevice {
 public:
  virtual ~AudioDevice() = default;
  [[nodiscard]] virtual int descriptor() const = 0;
  // True and 10 ms of the microphone when they are complete; each one is answered by one play().
  virtual bool record(Frame& frame) = 0;
  virtual void play(const Frame& frame) = 0;
  [[nodiscard]] virtual bool failed() const = 0;
  [[nodiscard]] virtual std::uint64_t underruns() const = 0;  // times that it asked for more than there was
  [[nodiscard]] virtual bool has_microphone() const = 0;
};

// Takes up to some hundred milliseconds: for the worker. Errors carry a remedy.
[[nodiscard]] Expected<std::unique_ptr<AudioDevice>> open_cubeb_device(const DeviceChoice& choice);

}  // namespace sidetone::media
