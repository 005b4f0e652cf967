// The tones that need no file: what they are made of, and their samples at the rate of a device.
#pragma once

#include <chrono>
#include <span>

#include "media/sound.h"

namespace sidetone::media {

struct ToneSegment {
  double hz_1 = 425, hz_2 = 0;        // both at once, or in turn
  std::chrono::milliseconds turn{0};  // 0: at once; else how long each of the two sounds
  std::chrono::milliseconds on{1000}, off{0};
};

struct TonePattern {
  std::span<const ToneSegment> segments;  // of a static array; over and over
  double amplitude = 0;                   // of each sine
};

// Two trills and a pause.
[[nodiscard]] TonePattern ringing_tone();
// One short beep every four seconds: it must not be in the way of what is being said.
[[nodiscard]] TonePattern call_waiting_tone();
// ITU-T E.180 §6: 425 Hz, 1 s on, 4 s off.
[[nodiscard]] TonePattern ringback_tone();

// One period of the pattern. Its ends are silent, so that it can be repeated.
[[nodiscard]] Sound render(const TonePattern& pattern, int rate_hz);

}  // namespace sidetone::media
