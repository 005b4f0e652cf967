// Whether 10 ms are speech, by their loudness over that of the background, and how loud both are. For the
// statistics only: it is cheap, and decides nothing about what is sent or played.
#pragma once

#include <cstdint>

#include "media/audio_stream.h"

namespace sidetone::media {

class VoiceActivity {
 public:
  void look(const Frame& frame);
  void pass();  // 10 ms of which there is nothing to look at

  [[nodiscard]] bool active() const { return hangover_ > 0; }
  [[nodiscard]] std::uint64_t active_frames() const { return active_frames_; }
  // dBm0 as in RFC 3611 §4.7.4; 127 before there was any.
  [[nodiscard]] int signal_level() const;
  [[nodiscard]] int noise_level() const;

 private:
  std::uint64_t active_frames_ = 0;
  int hangover_ = 0;  // frames
  float floor_ = 0;   // mean square of the background; 0: not known yet
  float speech_power_ = 0, noise_power_ = 0;
};

}  // namespace sidetone::media
