// Sums frames and saturates once, at the end.
#pragma once

#include <algorithm>
#include <array>
#include <limits>

#include "media/audio_stream.h"

namespace sidetone::media {

class Mixer {
 public:
  void clear() { sum_.fill(0); }
  void add(const Frame& frame) {
    for (std::size_t i = 0; i < frame.size(); ++i) sum_[i] += frame[i];
  }
  void result(Frame& frame) const {
    constexpr std::int32_t low = std::numeric_limits<std::int16_t>::min();
    constexpr std::int32_t high = std::numeric_limits<std::int16_t>::max();
    for (std::size_t i = 0; i < frame.size(); ++i)
      frame[i] = static_cast<std::int16_t>(std::clamp(sum_[i], low, high));
  }

 private:
  std::array<std::int32_t, frame_samples> sum_{};
};

}  // namespace sidetone::media
