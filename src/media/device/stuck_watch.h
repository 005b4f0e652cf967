// Sees that a device is stuck: no frames come, or a microphone gives nothing but digital zeros. Pure; the
// times come in.
#pragma once

#include <optional>

#include "base/time.h"
#include "media/audio_stream.h"

namespace sidetone::media {

class StuckWatch {
 public:
  enum class Stuck : std::uint8_t { stalled, silent };

  void opened(bool has_microphone, Time now);
  // A frame came. `listened_to`: a call wants it.
  void heard(const Frame& microphone, bool listened_to, Time now);
  // What is wrong, told once: again when it has run, or been heard, in between.
  [[nodiscard]] std::optional<Stuck> look(Time now);

 private:
  bool has_microphone_ = false;
  bool runs_ = false;  // a frame has come
  bool stall_told_ = false;
  // A muted headset gives zeros, too: opening it again is tried once, and then only after it has been heard.
  bool may_be_silent_ = true;
  Time last_frame_{};
  std::optional<Time> silent_since_;
};

}  // namespace sidetone::media
