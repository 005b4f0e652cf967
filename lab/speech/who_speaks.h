// Whose voice is in a recording: that of each speaker whose speech is known, or nobody's. Answers "who hears
// whom" after a transfer or in a conference, where check_speech() asks whether all of it arrived.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sidetone::speech {

struct Heard {
  double loudness_dbfs = -100;  // of the loudest 100 ms
  // For each speaker the share of the recording's loud windows of 600 ms that are his words: near 1 when he
  // speaks alone, some 0.3 to 0.8 in a mix, below 0.1 when he is not there.
  std::vector<double> shares;
};

// All at 48 kHz. Speakers repeat their recording without end; the recording may begin anywhere in it.
[[nodiscard]] Heard who_speaks(std::span<const std::int16_t> heard,
                               const std::vector<std::span<const std::int16_t>>& speakers);

}  // namespace sidetone::speech
