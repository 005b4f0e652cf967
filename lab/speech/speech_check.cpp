#include "speech/speech_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "media/audio_stream.h"
#include "speech/signal.h"

namespace sidetone::speech {
namespace {

using Signal = std::vector<float>;

constexpr int low_hz = 16000;
constexpr int fine_hz = media::mix_rate_hz;  // half a sample of 16 kHz is a fifth of a wave of an "s"
constexpr std::size_t fine_ratio = fine_hz / low_hz;
// Near 4 kHz an 8 kHz codec may do what it likes.
constexpr double speech_from_hz = 100, speech_to_hz = 3300, high_from_hz = 4300, high_to_hz = 7000;
constexpr double segment_s = 0.2, search_s = 0.25;
constexpr double found_correlation_min = 0.5;  // below this another piece of speech would do as well
constexpr double high_correlation_min = 0.4;   // Opus at 32 kbit/s keeps some 0.5, noise has 0.05
constexpr double high_energy_db_min = -6, high_energy_db_max = 6;

double energy(const Signal& signal, std::size_t at, std::size_t size) {
  if (at >= signal.size()) return 0;
  return dot(&signal[at], &signal[at], std::min(size, signal.size() - at));
}

double correlation(const Signal& a, std::size_t a_at, const Signal& b, std::size_t b_at, std::size_t size) {
  const double aa = dot(&a[a_at], &a[a_at], size), bb = dot(&b[b_at], &b[b_at], size);
  const double floor = static_cast<double>(size);  // one step of 16 bits: silence is like nothing
  return aa <= floor || bb <= floor ? 0 : dot(&a[a_at], &b[b_at], size) / std::sqrt(aa * bb);
}

struct Place {
  std::size_t at = 0;
  double correlation = 0;
};

// The best place for a segment in [from, to], every `step` samples.
Place best_place(const Signal& sent, std::size_t segment_at, std::size_t size, const Signal& received,
                 std::ptrdiff_t from, std::ptrdiff_t to, std::ptrdiff_t step) {
  Place best;
  const auto last = static_cast<std::ptrdiff_t>(received.size()) - static_cast<std::ptrdiff_t>(size);
  for (auto at = std::max<std::ptrdiff_t>(0, from); at <= std::min(to, last); at += step) {
    const double c = correlation(sent, segment_at, received, static_cast<std::size_t>(at), size);
    if (c > best.correlation) best = {static_cast<std::size_t>(at), c};
  }
  return best;
}

// Loudness over time, in 10 ms, without its mean.
Signal envelope(const Signal& signal) {
  Signal out;
  const std::size_t step = low_hz / 100;
  for (std::size_t at = 0; at + step <= signal.size(); at += step)
    out.push_back(static_cast<float>(std::log10(energy(signal, at, step) / static_cast<double>(step) + 100)));
  float mean = 0;
  for (const float value : out) mean += value / static_cast<float>(out.size());
  for (float& value : out) value -= mean;
  return out;
}

// How much later (in samples) the received recording is as a whole.
std::ptrdiff_t overall_offset(const Signal& sent, const Signal& received) {
  const auto a = envelope(sent), b = envelope(received);
  const auto n = static_cast<std::ptrdiff_t>(a.size()), m = static_cast<std::ptrdiff_t>(b.size());
  std::ptrdiff_t best = 0;
  double best_sum = -1;
  for (std::ptrdiff_t lag = -n + 1; lag < m; ++lag) {
    double sum = 0;
    for (auto i = std::max<std::ptrdiff_t>(0, -lag); i < std::min(n, m - lag); ++i)
      sum += double{a[static_cast<std::size_t>(i)]} * b[static_cast<std::size_t>(i + lag)];
    if (sum > best_sum) {
      best_sum = sum;
      best = lag;
    }
  }
  return best * (low_hz / 100);
}

double quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

class Judge {
 public:
  Judge(std::span<const std::int16_t> sent, std::span<const std::int16_t> received, const SpeechRules& rules)
      : rules_(rules),
        sent_fine_(band(sent, speech_from_hz, speech_to_hz)),
        received_fine_(band(received, speech_from_hz, speech_to_hz)),
        sent_(thinned(sent_fine_, fine_ratio)),
        received_(thinned(received_fine_, fine_ratio)) {
    if (!rules.wideband) return;
    sent_high_ = band(sent, high_from_hz, high_to_hz);
    received_high_ = band(received, high_from_hz, high_to_hz);
  }

  SpeechVerdict judge() {
    const auto offset = overall_offset(sent_, received_);
    verdict_.offset_ms = static_cast<double>(offset) * 1000.0 / low_hz;
    const double speech_energy = quiet_limit();
    for (std::size_t at = 0; at + size_ <= sent_.size(); at += size_)
      if (energy(sent_, at, size_) > speech_energy) judge_segment(at, offset);
    verdict_.median = quantile(correlations_, 0.5);
    verdict_.fifth_percentile = quantile(correlations_, 0.05);
    if (rules_.wideband) sum_up_high_band();
    verdict_.reason = why_bad();
    verdict_.good = verdict_.reason.empty();
    return verdict_;
  }

 private:
  // 30 dB below the loud segments, and never below 30 of 32768.
  [[nodiscard]] double quiet_limit() const {
    std::vector<double> energies;
    for (std::size_t at = 0; at + size_ <= sent_.size(); at += size_)
      energies.push_back(energy(sent_, at, size_));
    return std::max(quantile(energies, 0.9) / 1000, 900.0 * static_cast<double>(size_));
  }

  // Most segments come as late as the one before; only where that does not fit is the whole range searched.
  [[nodiscard]] Place find(std::size_t at, std::ptrdiff_t middle) const {
    const auto at_fine = static_cast<std::ptrdiff_t>(at * fine_ratio);
    const auto near = fine_place(at, at_fine + last_lag_, 72);
    if (near.correlation > 0.95) return near;
    const auto reach = static_cast<std::ptrdiff_t>(search_s * low_hz);
    const auto rough = best_place(sent_, at, size_, received_, middle - reach, middle + reach, 1);
    const auto anywhere = fine_place(at, static_cast<std::ptrdiff_t>(rough.at * fine_ratio), 4);
    return anywhere.correlation > near.correlation ? anywhere : near;
  }

  [[nodiscard]] Place fine_place(std::size_t at, std::ptrdiff_t middle, std::ptrdiff_t reach) const {
    return best_place(sent_fine_, at * fine_ratio, size_ * fine_ratio, received_fine_, middle - reach,
                      middle + reach, 1);
  }

  void judge_segment(std::size_t at, std::ptrdiff_t offset) {
    ++verdict_.segments;
    const auto place = find(at, static_cast<std::ptrdiff_t>(at) + offset);
    correlations_.push_back(place.correlation);
    const bool in_order = !last_place_ || place.at > *last_place_;
    if (place.correlation < found_correlation_min || !in_order) return;
    last_place_ = place.at;
    last_lag_ = static_cast<std::ptrdiff_t>(place.at) - static_cast<std::ptrdiff_t>(at * fine_ratio);
    ++verdict_.found;
    if (rules_.wideband) judge_high_band(at * fine_ratio, static_cast<std::ptrdiff_t>(place.at));
  }

  void judge_high_band(std::size_t at, std::ptrdiff_t received_at) {
    const auto size = size_ * fine_ratio;
    const double sent_energy = energy(sent_high_, at, size);
    if (at + size > sent_high_.size() || sent_energy < 400.0 * static_cast<double>(size)) return;
    const auto place = best_place(sent_high_, at, size, received_high_, received_at - 3, received_at + 3, 1);
    high_correlations_.push_back(place.correlation);
    high_sent_ += sent_energy;
    high_received_ += energy(received_high_, static_cast<std::size_t>(received_at), size);
  }

  void sum_up_high_band() {
    verdict_.high_band_correlation = quantile(high_correlations_, 0.5);
    verdict_.high_band_energy_db = high_sent_ > 0 ? 10 * std::log10((high_received_ + 1) / high_sent_) : -100;
  }

  [[nodiscard]] std::string why_bad() const {
    if (verdict_.segments < 5) return fmt::format("only {} segments of speech were sent", verdict_.segments);
    if (verdict_.found < rules_.found_min * verdict_.segments)
      return fmt::format("{} of {} segments are missing or out of order", verdict_.segments - verdict_.found,
                         verdict_.segments);
    if (verdict_.median < rules_.median_min)
      return fmt::format("median correlation {:.3f} is below {:.2f}", verdict_.median, rules_.median_min);
    if (verdict_.fifth_percentile < rules_.fifth_percentile_min)
      return fmt::format("5th percentile {:.3f} is below {:.2f}", verdict_.fifth_percentile,
                         rules_.fifth_percentile_min);
    if (!rules_.wideband) return {};
    if (high_correlations_.empty()) return "nothing above 4 kHz was sent";
    if (verdict_.high_band_energy_db < high_energy_db_min ||
        verdict_.high_band_energy_db > high_energy_db_max)
      return fmt::format("energy above 4 kHz is {:.1f} dB off", verdict_.high_band_energy_db);
    if (verdict_.high_band_correlation < high_correlation_min)
      return fmt::format("correlation above 4 kHz is only {:.2f}", verdict_.high_band_correlation);
    return {};
  }

  SpeechRules rules_;
  Signal sent_fine_, received_fine_, sent_, received_, sent_high_, received_high_;
  const std::size_t size_ = static_cast<std::size_t>(segment_s * low_hz);
  SpeechVerdict verdict_;
  std::vector<double> correlations_, high_correlations_;
  double high_sent_ = 0, high_received_ = 0;
  std::optional<std::size_t> last_place_;
  std::ptrdiff_t last_lag_ = 0;
};

}  // namespace

std::string SpeechVerdict::to_string() const {
  return fmt::format(
      "{}: {} of {} segments, median {:.3f}, 5th percentile {:.3f}, offset {:.0f} ms, above 4 kHz {:.1f} dB "
      "{:.2f}",
      good ? "good" : reason, found, segments, median, fifth_percentile, offset_ms, high_band_energy_db,
      high_band_correlation);
}

SpeechVerdict check_speech(std::span<const std::int16_t> sent, std::span<const std::int16_t> received,
                           const SpeechRules& rules) {
  return Judge(sent, received, rules).judge();
}

}  // namespace sidetone::speech
