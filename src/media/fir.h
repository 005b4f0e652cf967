// The inner loop of the rate changes: many short dot products in 16-bit arithmetic, by vector instructions
// where the processor has them. A third of a call's cost would be here otherwise.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sidetone::media {

// Coefficients are in 1/16384: with 240 of them the sum of a full-scale frame still fits 32 bits.
inline constexpr int fir_fraction_bits = 14;
// How many taps a filter is filled up to, with zeros.
inline constexpr std::size_t fir_block = 16;
[[nodiscard]] constexpr std::size_t fir_padded(std::size_t taps) {
  return (taps + fir_block - 1) / fir_block * fir_block;
}

struct Fir {
  const std::int16_t* filter;  // `taps` coefficients
  std::size_t taps;            // a multiple of fir_block
  std::size_t in_step, out_step;
};

// out[i * out_step] is the rounded dot product of the filter and the line from i * in_step on; i < count, a
// multiple of 4. The line is read to its last tap, the zeros included.
void run_fir(const Fir& fir, const std::int16_t* line, std::size_t count, std::int16_t* out);

}  // namespace sidetone::media
