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
  // What one of those that were added hears: all but itself, and `plus`.
  void result_for(const Frame& own, const Frame& plus, Frame& frame) const {
    for (std::size_t i = 0; i < frame.size(); ++i) frame[i] = saturated(sum_[i] - own[i] + plus[i]);
  }
  void result(Frame& frame) const {
    for (std::size_t i = 0; i < frame.size(); ++i) frame[i] = saturated(sum_[i]);
  }

 private:
  static std::int16_t saturated(std::int32_t value) {
    constexpr std::int32_t low = std::numeric_limits<std::int16_t>::min();
    constexpr std::int32_t high = std::numeric_limits<std::int16_t>::max();
    return static_cast<std::int16_t>(std::clamp(value, low, high));
  }
  std::array<std::int32_t, frame_samples> sum_{};
};

}  // namespace sidetone::media
