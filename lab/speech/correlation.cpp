#include "speech/correlation.h"

#include <algorithm>
#include <bit>

namespace sidetone::speech {

Correlation::Correlation(std::size_t size_max)
    : size_(std::bit_ceil(std::max<std::size_t>(size_max, 2))),
      forward_(kiss_fftr_alloc(static_cast<int>(size_), 0, nullptr, nullptr)),
      back_(kiss_fftr_alloc(static_cast<int>(size_), 1, nullptr, nullptr)) {}

Correlation::Spectrum Correlation::spectrum(std::span<const float> sound) const {
  std::vector<float> padded(size_);
  std::copy_n(sound.begin(), std::min(sound.size(), size_), padded.begin());
  Spectrum result(size_ / 2 + 1);
  kiss_fftr(forward_.get(), padded.data(), result.data());
  return result;
}

std::vector<float> Correlation::sums(const Spectrum& piece, const Spectrum& sound) const {
  Spectrum product(size_ / 2 + 1);
  const auto scale = 1.0F / static_cast<float>(size_);
  for (std::size_t i = 0; i < product.size(); ++i) {
    product[i].r = (piece[i].r * sound[i].r + piece[i].i * sound[i].i) * scale;
    product[i].i = (piece[i].r * sound[i].i - piece[i].i * sound[i].r) * scale;
  }
  std::vector<float> result(size_);
  kiss_fftri(back_.get(), product.data(), result.data());
  return result;
}

}  // namespace sidetone::speech
