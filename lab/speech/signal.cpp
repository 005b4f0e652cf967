#include "speech/signal.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "media/audio_stream.h"

namespace sidetone::speech {

// Eight sums side by side: the compiler may not reorder additions, the processor likes them apart.
float dot(const float* a, const float* b, std::size_t size) {
  float sums[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8)
    for (std::size_t k = 0; k < 8; ++k) sums[k] += a[i + k] * b[i + k];
  float sum = 0;
  for (; i < size; ++i) sum += a[i] * b[i];
  for (const float part : sums) sum += part;
  return sum;
}

// What is between two frequencies: a windowed sinc, the same delay for every band.
std::vector<float> band(std::span<const std::int16_t> in, double from_hz, double to_hz) {
  constexpr int half = 144;
  constexpr std::size_t tap_count = 2 * half + 1;
  std::vector<float> taps(tap_count);
  const auto low_pass = [](double hz, int k) {
    const double cut = hz / media::mix_rate_hz;
    return k == 0 ? 2 * cut : std::sin(2 * std::numbers::pi * cut * k) / (std::numbers::pi * k);
  };
  for (std::size_t i = 0; i < tap_count; ++i) {
    const int k = static_cast<int>(i) - half;
    const double window = 0.5 + 0.5 * std::cos(std::numbers::pi * k / (half + 1));
    taps[i] = static_cast<float>((low_pass(to_hz, k) - low_pass(from_hz, k)) * window);
  }
  std::vector<float> padded(in.size() + 2 * half, 0.0F), out(in.size());
  std::copy(in.begin(), in.end(), padded.begin() + half);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = dot(&taps[0], &padded[i], taps.size());
  return out;
}

std::vector<float> thinned(const std::vector<float>& in, std::size_t ratio) {
  std::vector<float> out;
  out.reserve(in.size() / ratio + 1);
  for (std::size_t i = 0; i < in.size(); i += ratio) out.push_back(in[i]);
  return out;
}

}  // namespace sidetone::speech
