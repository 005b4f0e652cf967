// A room with a loudspeaker and a microphone: what is played comes back after a while, spread by its walls.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sidetone::speech {

struct EchoRoom {
  double delay_ms = 60;          // from the loudspeaker's samples to the microphone's
  double gain_db = -6;           // of the whole echo
  double reverberation_ms = 75;  // its tail has died away by 60 dB
  std::uint32_t seed = 1;        // another room
};

// What the microphone hears of `played`, both at 48 kHz and equally long.
[[nodiscard]] std::vector<std::int16_t> echo_of(std::span<const std::int16_t> played, const EchoRoom& room);

[[nodiscard]] std::vector<std::int16_t> white_noise(std::size_t samples, double level_dbfs,
                                                    std::uint32_t seed);
// Sums, with saturation; as long as the first.
[[nodiscard]] std::vector<std::int16_t> mixed(std::span<const std::int16_t> one,
                                              std::span<const std::int16_t> other);
[[nodiscard]] std::vector<std::int16_t> scaled(std::span<const std::int16_t> samples, double gain_db);
// Root mean square against a full-scale square wave; -100 for nothing.
[[nodiscard]] double level_dbfs(std::span<const std::int16_t> samples);

}  // namespace sidetone::speech
