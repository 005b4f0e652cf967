#include "speech/bark_levels.h"

#include <kiss_fftr.h>

#include <cmath>
#include <memory>
#include <numbers>

namespace sidetone::speech {
namespace {

constexpr std::size_t bins = bark_window / 2 + 1;

struct Free {
  void operator()(kiss_fftr_state* state) const { kiss_fftr_free(state); }
};

std::array<float, bark_window> hann() {
  std::array<float, bark_window> window{};
  for (std::size_t i = 0; i < bark_window; ++i)
    window[i] = static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) /
                                                        static_cast<double>(bark_window)));
  return window;
}

std::size_t band_of(std::size_t bin) {
  const double hz = static_cast<double>(bin * bark_rate_hz) / static_cast<double>(bark_window);
  std::size_t band = 0;
  while (band < bark_bands && hz >= bark_edges_hz[band]) ++band;
  return band;
}

}  // namespace

std::vector<BarkPowers> bark_powers(const std::vector<float>& at_16_khz, const std::vector<double>& places) {
  const std::unique_ptr<kiss_fftr_state, Free> transform(
      kiss_fftr_alloc(static_cast<int>(bark_window), 0, nullptr, nullptr));
  const auto window = hann();
  std::array<float, bark_window> piece{};
  std::array<kiss_fft_cpx, bins> spectrum{};
  std::vector<BarkPowers> all;
  all.reserve(places.size());
  for (const double place : places) {
    const long first = std::lround(place) - static_cast<long>(bark_window / 2);
    for (std::size_t i = 0; i < bark_window; ++i) {
      const long at = first + static_cast<long>(i);
      const bool inside = at >= 0 && at < static_cast<long>(at_16_khz.size());
      piece[i] = inside ? at_16_khz[static_cast<std::size_t>(at)] * window[i] : 0;
    }
    kiss_fftr(transform.get(), piece.data(), spectrum.data());
    BarkPowers powers{};
    for (std::size_t bin = 1; bin < bins; ++bin)
      if (const auto band = band_of(bin); band < bark_bands)
        powers[band] += spectrum[bin].r * spectrum[bin].r + spectrum[bin].i * spectrum[bin].i;
    all.push_back(powers);
  }
  return all;
}

}  // namespace sidetone::speech
