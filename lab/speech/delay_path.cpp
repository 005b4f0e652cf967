#include "speech/delay_path.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "speech/signal.h"

namespace sidetone::speech {
namespace {

constexpr double found_correlation_min = 0.6;
constexpr double jump_price = 0.25;           // of a correlation: a clearly better place is worth a jump
constexpr double speech_energy_share = 0.02;  // of the recording's mean: below it there is nothing to find
constexpr std::size_t candidates_max = 12;

struct Candidate {
  long delay = 0;
  double correlation = 0;
  double cost = 0;
  std::size_t before = 0;  // of the segment before
};

// Energies of every stretch of `size` samples, each from the one before.
std::vector<double> running_energy(const std::vector<float>& signal, std::size_t size) {
  std::vector<double> sums(signal.size() + 1, 0.0);
  for (std::size_t i = 0; i < signal.size(); ++i)
    sums[i + 1] = sums[i] + static_cast<double>(signal[i]) * static_cast<double>(signal[i]);
  std::vector<double> energies(signal.size() >= size ? signal.size() - size + 1 : 0);
  for (std::size_t i = 0; i < energies.size(); ++i) energies[i] = sums[i + size] - sums[i];
  return energies;
}

// The highest local maxima of the correlation over the delay.
std::vector<Candidate> candidates(const std::vector<float>& said, std::size_t at,
                                  const std::vector<float>& heard, const std::vector<double>& heard_energy,
                                  const DelaySearch& search) {
  const double own = dot(&said[at], &said[at], search.segment);
  const auto correlation_at = [&](long delay) {
    const long place = static_cast<long>(at) + delay;
    if (place < 0 || place >= static_cast<long>(heard_energy.size())) return 0.0;
    const auto index = static_cast<std::size_t>(place);
    const double energy = heard_energy[index];
    if (energy <= own * 1e-4) return 0.0;
    return static_cast<double>(dot(&said[at], &heard[index], search.segment)) / std::sqrt(own * energy);
  };
  std::vector<double> all;
  for (long delay = search.delay_min; delay <= search.delay_max; ++delay)
    all.push_back(correlation_at(delay));
  std::vector<Candidate> best;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool rises = i == 0 || all[i] >= all[i - 1];
    const bool falls = i + 1 == all.size() || all[i] > all[i + 1];
    if (rises && falls && all[i] >= found_correlation_min)
      best.push_back({search.delay_min + static_cast<long>(i), all[i]});
  }
  std::sort(best.begin(), best.end(),
            [](const Candidate& a, const Candidate& b) { return a.correlation > b.correlation; });
  if (best.size() > candidates_max) best.resize(candidates_max);
  return best;
}

double jump_cost(long from, long to, const DelaySearch& search) {
  return jump_price * std::min(1.0, std::abs(static_cast<double>(to - from)) / search.jump_samples);
}

// Each candidate joins the cheapest way to it.
void join(const std::vector<Candidate>& before, std::vector<Candidate>& now, const DelaySearch& search) {
  for (auto& candidate : now) {
    candidate.cost = before.empty() ? 0 : std::numeric_limits<double>::max();
    for (std::size_t i = 0; i < before.size(); ++i) {
      const double cost = before[i].cost + jump_cost(before[i].delay, candidate.delay, search);
      if (cost < candidate.cost) {
        candidate.cost = cost;
        candidate.before = i;
      }
    }
    candidate.cost += 1 - candidate.correlation;
  }
}

// What was found nowhere is where its nearest neighbour before is, or the first one found.
void fill_gaps(std::vector<PlacedSegment>& segments) {
  const auto first = std::find_if(segments.begin(), segments.end(), [](const auto& s) { return s.found; });
  double delay = first == segments.end() ? 0 : first->delay;
  for (auto& segment : segments) {
    if (!segment.found) segment.delay = delay;
    delay = segment.delay;
  }
}

}  // namespace

std::vector<PlacedSegment> find_delay_path(const std::vector<float>& said, const std::vector<float>& heard,
                                           const DelaySearch& search) {
  const auto said_energy = running_energy(said, search.segment),
             heard_energy = running_energy(heard, search.segment);
  double mean = 0;
  for (const double energy : said_energy) mean += energy / static_cast<double>(said_energy.size());

  std::vector<PlacedSegment> segments;
  std::vector<std::vector<Candidate>> columns;  // of the segments that have candidates
  std::vector<std::size_t> column_segment;
  for (std::size_t at = 0; at < said_energy.size(); at += search.hop) {
    if (said_energy[at] < mean * speech_energy_share) continue;
    segments.push_back({at});
    auto found = candidates(said, at, heard, heard_energy, search);
    if (found.empty()) continue;
    join(columns.empty() ? std::vector<Candidate>{} : columns.back(), found, search);
    columns.push_back(std::move(found));
    column_segment.push_back(segments.size() - 1);
  }
  if (!columns.empty()) {
    const auto& last = columns.back();
    auto best = static_cast<std::size_t>(
        std::min_element(last.begin(), last.end(),
                         [](const auto& a, const auto& b) { return a.cost < b.cost; }) -
        last.begin());
    for (std::size_t i = columns.size(); i-- > 0;) {
      const auto& chosen = columns[i][best];
      auto& segment = segments[column_segment[i]];
      segment.delay = static_cast<double>(chosen.delay);
      segment.found = true;
      best = chosen.before;
    }
  }
  fill_gaps(segments);
  return segments;
}

}  // namespace sidetone::speech
