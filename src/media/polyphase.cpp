#include "media/polyphase.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/assert.h"

namespace sidetone::media {
namespace {

double bessel_i0(double x) {
  double sum = 1, term = 1;
  for (int k = 1; k < 30; ++k) {
    term *= x / (2.0 * k) * (x / (2.0 * k));
    sum += term;
  }
  return sum;
}

// Low pass at half the lower rate (a little below), Kaiser window; the gain is 1.
double prototype(std::size_t tap, std::size_t taps, int ratio) {
  constexpr double beta = 6.0;         // 60 dB
  constexpr double cut_factor = 0.97;  // the transition ends where the mirror image begins to matter
  const double middle = static_cast<double>(taps - 1) / 2;
  const double x = static_cast<double>(tap) - middle;
  const double cut = cut_factor / (2.0 * ratio);
  const double sinc = x == 0 ? 2 * cut : std::sin(2 * std::numbers::pi * cut * x) / (std::numbers::pi * x);
  const double r = x / (middle + 1);
  return sinc * bessel_i0(beta * std::sqrt(1 - r * r)) / bessel_i0(beta);
}

std::int16_t quantised(double coefficient) {
  return static_cast<std::int16_t>(std::lround(coefficient * (1 << fir_fraction_bits)));
}

}  // namespace

Upsampler::Upsampler(int ratio) : ratio_(ratio) {
  ST_ASSERT(ratio >= 2 && ratio <= ratio_max);
  const auto taps = taps_per_phase * static_cast<std::size_t>(ratio);
  for (std::size_t phase = 0; phase < static_cast<std::size_t>(ratio); ++phase)
    for (std::size_t k = 0; k < taps_per_phase; ++k)  // stored newest last, as the line is
      phases_[phase][taps_per_phase - 1 - k] =
          quantised(prototype(phase + k * static_cast<std::size_t>(ratio), taps, ratio) * ratio);
}

void Upsampler::run(std::span<const std::int16_t> in, std::span<std::int16_t> out) {
  constexpr auto past = taps_per_phase - 1;
  const auto ratio = static_cast<std::size_t>(ratio_);
  ST_ASSERT(in.size() + fir_padded(taps_per_phase) - 1 <= line_.size() && out.size() >= in.size() * ratio);
  std::copy(in.begin(), in.end(), line_.begin() + past);
  for (std::size_t phase = 0; phase < ratio; ++phase)
    run_fir({phases_[phase].data(), phases_[phase].size(), 1, ratio}, line_.data(), in.size(), &out[phase]);
  std::copy_n(line_.begin() + static_cast<std::ptrdiff_t>(in.size()), past, line_.begin());
}

Downsampler::Downsampler(int ratio) : ratio_(ratio), taps_(taps_per_phase * static_cast<std::size_t>(ratio)) {
  ST_ASSERT(ratio >= 2 && ratio <= ratio_max);
  for (std::size_t k = 0; k < taps_; ++k) filter_[k] = quantised(prototype(k, taps_, ratio));  // symmetric
}

void Downsampler::run(std::span<const std::int16_t> in, std::span<std::int16_t> out) {
  const auto past = taps_ - 1;
  const auto ratio = static_cast<std::size_t>(ratio_);
  ST_ASSERT(in.size() + fir_padded(taps_per_phase) - 1 <= line_.size() && in.size() / ratio <= out.size());
  std::copy(in.begin(), in.end(), line_.begin() + static_cast<std::ptrdiff_t>(past));
  run_fir({filter_.data(), fir_padded(taps_), ratio, 1}, line_.data(), in.size() / ratio, out.data());
  std::copy_n(line_.begin() + static_cast<std::ptrdiff_t>(in.size()), past, line_.begin());
}

}  // namespace sidetone::media
