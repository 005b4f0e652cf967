// Where a piece of sound fits best into another one, by Fourier transforms: for thousands of places at once.
#pragma once

#include <kiss_fftr.h>

#include <memory>
#include <span>
#include <vector>

namespace sidetone::speech {

class Correlation {
 public:
  using Spectrum = std::vector<kiss_fft_cpx>;

  // For sounds of up to `size_max` samples.
  explicit Correlation(std::size_t size_max);
  [[nodiscard]] Spectrum spectrum(std::span<const float> sound) const;
  // The sum of piece[i] * sound[place + i] for each place; of those near the end, where the piece is longer
  // than what is left, the values have no meaning.
  [[nodiscard]] std::vector<float> sums(const Spectrum& piece, const Spectrum& sound) const;

 private:
  struct Free {
    void operator()(kiss_fftr_state* state) const { kiss_fftr_free(state); }
  };
  using Transform = std::unique_ptr<kiss_fftr_state, Free>;

  std::size_t size_;  // a power of two
  Transform forward_, back_;
};

}  // namespace sidetone::speech
