#include "speech/speech_score.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "media/audio_stream.h"
#include "speech/bark_levels.h"
#include "speech/delay_path.h"
#include "speech/signal.h"

namespace sidetone::speech {
namespace {

constexpr std::size_t path_hz = 4000;
constexpr double delay_ms_max = 600;
constexpr std::size_t narrow_bands_from = 2, narrow_bands_to = 16;  // 200 Hz to 3,150 Hz
constexpr std::size_t wide_bands_to = 20;                           // 6,400 Hz
constexpr double floor_db = -40;                                    // below the band's usual level
constexpr double difference_db_max = 30;
constexpr std::size_t stretch = 20;  // of 10 ms

using Levels = std::array<double, bark_bands>;

struct Comparison {
  std::vector<BarkPowers> said, heard;  // at the same speech
  Levels usual{};                       // power of the said one, mean over the frames with speech
  std::size_t from = narrow_bands_from, to = narrow_bands_to;
};

double samples(double ms) { return ms * static_cast<double>(path_hz) / 1000; }

std::vector<PlacedSegment> delay_path(std::span<const std::int16_t> said, std::span<const std::int16_t> heard,
                                      double offset_ms) {
  constexpr auto ratio = static_cast<std::size_t>(media::mix_rate_hz) / path_hz;
  DelaySearch search;
  search.segment = static_cast<std::size_t>(samples(80));
  search.hop = static_cast<std::size_t>(samples(40));
  search.delay_min = std::lround(samples(-offset_ms));
  search.delay_max = std::lround(samples(delay_ms_max - offset_ms));
  search.jump_samples = samples(40);
  return find_delay_path(thinned(band(said, 150, 1800), ratio), thinned(band(heard, 150, 1800), ratio),
                         search);
}

// Frames of both, the heard one where the nearest segment is.
Comparison compare(std::span<const std::int16_t> said, std::span<const std::int16_t> heard,
                   const std::vector<PlacedSegment>& path) {
  std::vector<double> said_places, heard_places;
  std::size_t nearest = 0;
  for (std::size_t at = 0; at * 3 < said.size(); at += bark_hop) {
    const double here = static_cast<double>(at) / 4;  // in samples of the path
    const auto distance = [&](std::size_t i) {
      return std::abs(static_cast<double>(path[i].at) + samples(40) - here);
    };
    while (nearest + 1 < path.size() && distance(nearest + 1) <= distance(nearest)) ++nearest;
    said_places.push_back(static_cast<double>(at));
    heard_places.push_back(static_cast<double>(at) + path[nearest].delay * 4);
  }
  Comparison comparison;
  comparison.said = bark_powers(thinned(band(said, 50, 7600), 3), said_places);
  comparison.heard = bark_powers(thinned(band(heard, 50, 7600), 3), heard_places);
  return comparison;
}

double total(const BarkPowers& powers, const Comparison& in) {
  double sum = 0;
  for (std::size_t band = in.from; band < in.to; ++band) sum += static_cast<double>(powers[band]);
  return sum;
}

// What counts as speech: within 30 dB of the mean frame.
double loud_enough(const Comparison& in) {
  double mean = 0;
  for (const auto& powers : in.said) mean += total(powers, in) / static_cast<double>(in.said.size());
  return mean * 1e-3;
}

void learn_usual_levels(Comparison& in, double loud) {
  double frames = 0;
  for (const auto& powers : in.said) {
    if (total(powers, in) < loud) continue;
    ++frames;
    for (std::size_t band = 0; band < bark_bands; ++band) in.usual[band] += static_cast<double>(powers[band]);
  }
  for (auto& level : in.usual) level = std::max(1.0, level / std::max(1.0, frames));
}

double level_db(double power, double usual) {
  return std::max(floor_db, 10 * std::log10(power / usual + 1e-9));
}

// Mean difference of one frame's bands; `heard` null is silence.
double frame_difference(const Comparison& in, std::size_t frame, bool against_silence, double gain_db) {
  const double gain_correction = std::pow(10.0, -gain_db / 10);
  double sum = 0;
  for (std::size_t band = in.from; band < in.to; ++band) {
    const double said = level_db(static_cast<double>(in.said[frame][band]), in.usual[band]);
    const double heard =
        against_silence
            ? floor_db
            : level_db(static_cast<double>(in.heard[frame][band]) * gain_correction, in.usual[band]);
    sum += std::min(std::abs(said - heard), difference_db_max);
  }
  return sum / static_cast<double>(in.to - in.from);
}

// A louder or softer path is no worse one.
double common_gain_db(const Comparison& in, double loud) {
  std::vector<double> gains;
  for (std::size_t i = 0; i < in.said.size(); ++i) {
    const double said = total(in.said[i], in), heard = total(in.heard[i], in);
    if (said >= loud && heard > 0) gains.push_back(10 * std::log10(heard / said));
  }
  if (gains.empty()) return 0;
  const auto middle = gains.begin() + static_cast<std::ptrdiff_t>(gains.size() / 2);
  std::nth_element(gains.begin(), middle, gains.end());
  return std::clamp(*middle, -12.0, 12.0);
}

double difference(const Comparison& in, double loud, bool against_silence, double gain_db) {
  std::vector<double> stretches;
  double fourth_powers = 0;
  std::size_t frames = 0;
  for (std::size_t i = 0; i < in.said.size(); ++i) {
    // Noise in a pause is heard, too.
    if (total(in.said[i], in) < loud && (against_silence || total(in.heard[i], in) < loud)) continue;
    fourth_powers += std::pow(frame_difference(in, i, against_silence, gain_db), 4);
    if (++frames < stretch) continue;
    stretches.push_back(std::pow(fourth_powers / static_cast<double>(stretch), 0.25));
    fourth_powers = 0;
    frames = 0;
  }
  double squares = 0;
  for (const double value : stretches) squares += value * value / static_cast<double>(stretches.size());
  return std::sqrt(squares);
}

void tell_delay(const std::vector<PlacedSegment>& path, double offset_ms, SpeechScore& score) {
  std::vector<double> delays;
  for (const auto& segment : path)
    if (segment.found) delays.push_back(segment.delay * 1000 / static_cast<double>(path_hz) + offset_ms);
  score.found = path.empty() ? 0 : static_cast<double>(delays.size()) / static_cast<double>(path.size());
  if (delays.empty()) return;
  for (const double delay : delays) score.delay_mean_ms += delay / static_cast<double>(delays.size());
  const auto place = delays.begin() + static_cast<std::ptrdiff_t>(delays.size() * 95 / 100);
  std::nth_element(delays.begin(), place, delays.end());
  score.delay_95_ms = *place;
}

}  // namespace

SpeechScore score_speech(std::span<const std::int16_t> said, std::span<const std::int16_t> heard,
                         double heard_offset_ms, bool wideband) {
  SpeechScore score;
  const auto path = delay_path(said, heard, heard_offset_ms);
  tell_delay(path, heard_offset_ms, score);
  if (path.empty()) return score;
  auto comparison = compare(said, heard, path);
  if (wideband) comparison.to = wide_bands_to;
  const double loud = loud_enough(comparison);
  learn_usual_levels(comparison, loud);
  const double worst = difference(comparison, loud, true, 0);
  const double here = difference(comparison, loud, false, common_gain_db(comparison, loud));
  score.score = worst > 0 ? std::max(0.0, 100 * (1 - here / worst)) : 0;
  return score;
}

}  // namespace sidetone::speech
