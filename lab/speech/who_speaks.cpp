#include "speech/who_speaks.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "speech/correlation.h"
#include "speech/signal.h"

namespace sidetone::speech {
namespace {

using Signal = std::vector<float>;

// Rough is enough to tell voices apart: a sixth of the samples, a 36th of the work.
constexpr std::size_t ratio = 6, rate_hz = 48000 / ratio;
constexpr double from_hz = 150, to_hz = 3300;
constexpr std::size_t window = rate_hz * 6 / 10, hop = rate_hz / 5;
// Two pieces of speech of that length are alike by some 0.3, at times by 0.5; in a mix of two equal voices
// each is alike to the sum by some 0.7.
constexpr double alike_min = 0.5;
// Voices that differ share the energy of their sum between them: the squares of what each is alike to it add
// up to 1, or a little more. So nobody else is in a window that one voice explains.
constexpr double shared_max = 1.1;
constexpr double loud_below_loudest_db = 25;
constexpr double speaker_silent_db = 40;  // below his loudest: nothing can be told from such a place

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

struct Speaker {
  Correlation::Spectrum spectrum;
  std::vector<double> energies;  // of the window that begins at each place
  double silent_below = 0;
};

Speaker speaker_of(const Signal& voice, const Correlation& correlation) {
  Speaker speaker;
  if (voice.empty()) return speaker;
  speaker.spectrum = correlation.spectrum(voice);
  double there = energy(voice, 0, window);
  for (std::size_t place = 0; place + window < voice.size(); ++place) {
    speaker.energies.push_back(there);
    there += double{voice[place + window]} * voice[place + window] - double{voice[place]} * voice[place];
  }
  speaker.silent_below = std::max(1.0, *std::max_element(speaker.energies.begin(), speaker.energies.end()) *
                                           std::pow(10, -speaker_silent_db / 10));
  return speaker;
}

// How much of a window's energy is the speaker's, at the place where it fits best: 0 to 1.
double share_of(const Speaker& speaker, const Correlation::Spectrum& heard, double heard_energy,
                const Correlation& correlation) {
  if (speaker.energies.empty()) return 0;
  const auto sums = correlation.sums(heard, speaker.spectrum);
  double best = 0;
  for (std::size_t place = 0; place < speaker.energies.size(); ++place)
    if (sums[place] > 0 && speaker.energies[place] >= speaker.silent_below)
      best = std::max(best, double{sums[place]} * sums[place] / (heard_energy * speaker.energies[place]));
  return best;
}

// Those who speak in a window, by their shares of its energy.
std::vector<std::size_t> speaking(const std::vector<double>& shares) {
  std::vector<std::size_t> order(shares.size()), result;
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](auto a, auto b) { return shares[a] > shares[b]; });
  double explained = 0;
  for (const auto speaker : order) {
    explained += shares[speaker];
    if (shares[speaker] < alike_min * alike_min || explained > shared_max) break;
    result.push_back(speaker);
  }
  return result;
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
  std::vector<Signal> voices;
  std::size_t longest = window;
  for (const auto& speaker : speakers) {
    voices.push_back(repeated(voice_of(speaker)));
    longest = std::max(longest, voices.back().size());
  }
  const Correlation correlation(longest);
  std::vector<Speaker> known;
  for (const auto& each : voices) known.push_back(speaker_of(each, correlation));
  for (const auto at : loud) {
    const auto spectrum = correlation.spectrum(std::span(voice).subspan(at, window));
    std::vector<double> shares;
    for (const auto& speaker : known)
      shares.push_back(share_of(speaker, spectrum, energy(voice, at, window), correlation));
    for (const auto speaker : speaking(shares))
      result.shares[speaker] += 1 / static_cast<double>(loud.size());
  }
  return result;
}

}  // namespace sidetone::speech
