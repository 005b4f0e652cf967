#include "speech/echo_room.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace sidetone::speech {
namespace {

constexpr double rate_khz = 48;

std::int16_t saturated(double value) {
  return static_cast<std::int16_t>(std::clamp(std::lround(value),
                                              long{std::numeric_limits<std::int16_t>::min()},
                                              long{std::numeric_limits<std::int16_t>::max()}));
}

// Noise that dies away, as late reflections do; its energy is the echo's gain. Only every eighth sample is a
// reflection: it sounds the same and costs an eighth.
std::vector<std::pair<std::size_t, double>> reflections(const EchoRoom& room) {
  std::mt19937 random(room.seed);
  std::normal_distribution<double> strength;
  const auto tail = static_cast<std::size_t>(room.reverberation_ms * rate_khz);
  const double decay = std::log(1000.0) / std::max<double>(1, static_cast<double>(tail));
  std::vector<std::pair<std::size_t, double>> taps;
  double energy = 0;
  for (std::size_t at = 0; at <= tail; at += 8) {
    taps.emplace_back(at, strength(random) * std::exp(-decay * static_cast<double>(at)));
    energy += taps.back().second * taps.back().second;
  }
  const double gain = std::pow(10, room.gain_db / 20) / std::sqrt(energy);
  for (auto& tap : taps) tap.second *= gain;
  return taps;
}

}  // namespace

std::vector<std::int16_t> echo_of(std::span<const std::int16_t> played, const EchoRoom& room) {
  const auto delay = static_cast<std::size_t>(room.delay_ms * rate_khz);
  std::vector<double> sum(played.size());
  for (const auto& [at, strength] : reflections(room))
    for (std::size_t i = delay + at; i < sum.size(); ++i) sum[i] += strength * played[i - delay - at];
  std::vector<std::int16_t> heard(sum.size());
  std::transform(sum.begin(), sum.end(), heard.begin(), saturated);
  return heard;
}

std::vector<std::int16_t> white_noise(std::size_t samples, double level, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> value(0, 32768 * std::pow(10, level / 20));
  std::vector<std::int16_t> noise(samples);
  std::generate(noise.begin(), noise.end(), [&] { return saturated(value(random)); });
  return noise;
}

std::vector<std::int16_t> mixed(std::span<const std::int16_t> one, std::span<const std::int16_t> other) {
  std::vector<std::int16_t> sum(one.begin(), one.end());
  for (std::size_t i = 0; i < std::min(sum.size(), other.size()); ++i) sum[i] = saturated(sum[i] + other[i]);
  return sum;
}

std::vector<std::int16_t> scaled(std::span<const std::int16_t> samples, double gain_db) {
  const double gain = std::pow(10, gain_db / 20);
  std::vector<std::int16_t> result(samples.size());
  std::transform(samples.begin(), samples.end(), result.begin(),
                 [gain](auto sample) { return saturated(gain * sample); });
  return result;
}

double level_dbfs(std::span<const std::int16_t> samples) {
  double energy = 0;
  for (const double sample : samples) energy += sample * sample;
  if (energy == 0) return -100;
  return 10 * std::log10(energy / static_cast<double>(samples.size()) / (32768.0 * 32768.0));
}

}  // namespace sidetone::speech
