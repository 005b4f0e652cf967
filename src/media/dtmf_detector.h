// Hears DTMF digits in sound: each once, when it has ended. Limits as ITU-T Q.24 has them (the column of AT&T
// where administrations differ): digits of 40 ms with pauses of 40 ms, 1.5 % off in frequency, the high group
// up to 4 dB above and 8 dB below the low one, down to -25 dBm0, through interruptions of 10 ms; and not what
// is shorter than 20 ms, 3.5 % off, or speech. Neither locks nor allocates.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "media/audio_stream.h"

namespace sidetone::media {

class DtmfDetector {
 public:
  struct Heard {
    char digit = 0;
    std::chrono::milliseconds duration{0};
  };
  // The next 10 ms, at 48 kHz.
  std::optional<Heard> listen(const Frame& frame);

  // At 8 kHz, by blocks of 12.75 ms.
  static constexpr int rate_hz = 8000;
  static constexpr std::size_t block_samples = 102;

 private:
  struct Block {
    char digit = 0;                // 0: none
    float power = 0;               // of the two tones
    std::array<float, 2> share{};  // of row and column, in the block's energy
    std::array<float, 2> phase{};  // of both
  };
  [[nodiscard]] Block judge() const;  // of block_
  std::optional<Heard> follow(const Block& block);
  [[nodiscard]] static bool goes_on(const Block& before, const Block& block);

  // 48 to 8 kHz.
  static constexpr std::size_t taps = 48;
  std::array<std::int16_t, taps - 6 + 480> line_{};
  std::array<std::int16_t, block_samples> block_{};  // so far
  std::size_t filled_ = 0;
  unsigned silent_frames_ = 0;

  Block last_;
  char open_ = 0;  // a digit that goes on
  unsigned blocks_ = 0, misses_ = 0;
};

}  // namespace sidetone::media
