// How loud each critical band of a recording is, every 10 ms.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace sidetone::speech {

// Upper edges of the first 21 critical bands (E. Zwicker, 1961): up to 7.7 kHz; the first 16 reach 3.15 kHz.
inline constexpr std::array bark_edges_hz{100.0,  200.0,  300.0,  400.0,  510.0,  630.0,  770.0,
                                          920.0,  1080.0, 1270.0, 1480.0, 1720.0, 2000.0, 2320.0,
                                          2700.0, 3150.0, 3700.0, 4400.0, 5300.0, 6400.0, 7700.0};
inline constexpr std::size_t bark_bands = bark_edges_hz.size();
using BarkPowers = std::array<float, bark_bands>;

inline constexpr std::size_t bark_rate_hz = 16000, bark_window = 512, bark_hop = 160;

// Of the 32 ms around each of the places, in samples at 16 kHz; outside the recording is silence.
[[nodiscard]] std::vector<BarkPowers> bark_powers(const std::vector<float>& at_16_khz,
                                                  const std::vector<double>& places);

}  // namespace sidetone::speech
