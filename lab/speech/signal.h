// Sums and filters that the judges of speech share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sidetone::speech {

[[nodiscard]] float dot(const float* a, const float* b, std::size_t size);

// What is between two frequencies of a recording at 48 kHz: a windowed sinc, the same delay for every band.
[[nodiscard]] std::vector<float> band(std::span<const std::int16_t> in, double from_hz, double to_hz);
// Every `ratio`th sample.
[[nodiscard]] std::vector<float> thinned(const std::vector<float>& in, std::size_t ratio);

}  // namespace sidetone::speech
