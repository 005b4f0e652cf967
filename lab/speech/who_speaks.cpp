#include "speech/who_speaks.h"

#include <algorithm>
#include <cmath>

#include "speech/signal.h"

namespace sidetone::speech {
namespace {

using Signal = std::vector<float>;

// Rough is enough to tell voices apart: a sixth of the samples, a 36th of the work.
constexpr std::size_t ratio = 6, rate_hz = 48000 / ratio;
constexpr double from_hz = 150, to_hz = 3300;
constexpr std::size_t window = rate_hz * 6 / 10, hop = rate_hz / 5;
// Two pieces of speech of that length are alike by some 0.3; in a mix of two equal voices each
// is alike to the sum by some 0.7.
constexpr double alike_min = 0.5;
constexpr double loud_below_loudest_db = 25;

double energy(const Signal& signal, std::size_t at, std::size_t size) {
  return dot(&signal[at], &signal[at], size);
}

Signal voice_of(std::span<const std::int16_t> sound) { return thinned(band(sound, from_hz, to_hz), ratio); }

// Without end: whatever a window may begin with.
Signal repeated(Signal voice) {
  if (voice.size() < window) return {};
  voice.insert(voice.end(), voice.begin(), voice.begin() + static_cast<std::ptrdiff_t>(window));
  return voice;
}

bool says(const Signal& speaker, const Signal& heard, std::size_t at) {
  const double own = energy(heard, at, window);
  double there = speaker.size() < window ? 0 : energy(speaker, 0, window);
  for (std::size_t place = 0; place + window < speaker.size(); ++place) {
    const double sum = dot(&heard[at], &speaker[place], window);
    if (sum > 0 && sum * sum > alike_min * alike_min * own * std::max(there, 1.0)) return true;
    there +=
        double{speaker[place + window]} * speaker[place + window] - double{speaker[place]} * speaker[place];
  }
  return false;
}

double loudest_dbfs(std::span<const std::int16_t> sound) {
  constexpr std::size_t step = 4800;
  double loudest = 0;
  for (std::size_t at = 0; at + step <= sound.size(); at += step) {
    double sum = 0;
    for (const double sample : sound.subspan(at, step)) sum += sample * sample;
    loudest = std::max(loudest, sum / step);
  }
  return loudest == 0 ? -100 : 10 * std::log10(loudest / (32768.0 * 32768.0));
}

}  // namespace

Heard who_speaks(std::span<const std::int16_t> heard,
                 const std::vector<std::span<const std::int16_t>>& speakers) {
  Heard result;
  result.loudness_dbfs = loudest_dbfs(heard);
  result.shares.assign(speakers.size(), 0);
  const auto voice = voice_of(heard);
  std::vector<std::size_t> loud;
  double loudest = 0;
  for (std::size_t at = 0; at + window <= voice.size(); at += hop)
    loudest = std::max(loudest, energy(voice, at, window));
  // Noise of the codec is no speech: nothing below -60 dBFS.
  const double limit = std::max(loudest * std::pow(10, -loud_below_loudest_db / 10), 1000.0 * window);
  for (std::size_t at = 0; at + window <= voice.size(); at += hop)
    if (energy(voice, at, window) >= limit) loud.push_back(at);
  if (loud.empty()) return result;
  for (std::size_t i = 0; i < speakers.size(); ++i) {
    const auto speaker = repeated(voice_of(speakers[i]));
    const auto own =
        std::count_if(loud.begin(), loud.end(), [&](std::size_t at) { return says(speaker, voice, at); });
    result.shares[i] = static_cast<double>(own) / static_cast<double>(loud.size());
  }
  return result;
}

}  // namespace sidetone::speech
