#include "rtp/mos.h"

#include <algorithm>
#include <cmath>

namespace sidetone::rtp {
namespace {

// G.107 equation 7-29.
double loss_impairment(CodecImpairment codec, double fraction, double burst_ratio) {
  const double percent = 100 * std::clamp(fraction, 0.0, 1.0);
  return codec.ie + (95 - codec.ie) * percent / (percent / burst_ratio + codec.bpl);
}

// TS 101 329-5 annex E: the impression follows a burst within 5 s and fades within 15 s, here in the steady
// state of bursts and gaps of mean length.
double remembered_impairment(CodecImpairment codec, const LossPattern& loss) {
  constexpr double rise_s = 5, fade_s = 15;
  const double burst_s = std::chrono::duration<double>(loss.burst_length).count();
  const double gap_s = std::chrono::duration<double>(loss.gap_length).count();
  if (burst_s <= 0 || gap_s <= 0) return 0;
  const double in_burst = loss_impairment(codec, loss.burst_density, 1);
  const double in_gap = loss_impairment(codec, loss.gap_density, 1);
  const double rise = std::exp(-burst_s / rise_s), fade = std::exp(-gap_s / fade_s);
  // Where the impression is when a burst ends, and when the next one begins.
  const double high = (in_burst * (1 - rise) + in_gap * (1 - fade) * rise) / (1 - rise * fade);
  const double low = in_gap + (high - in_gap) * fade;
  return (burst_s * in_burst + gap_s * in_gap - rise_s * (in_burst - low) * (1 - rise) +
          fade_s * (high - in_gap) * (1 - fade)) /
         (burst_s + gap_s);
}

}  // namespace

LossPattern loss_pattern(const LossBursts::Counts& counts) {
  LossPattern pattern;
  if (counts.expected == 0 || counts.missing() == 0) return pattern;
  const auto missing = static_cast<double>(counts.missing());
  pattern.fraction = std::min(1.0, missing / static_cast<double>(counts.expected));
  // Random loss of probability p makes runs of 1 / (1 - p). Beyond 8 the formula has no ground any more.
  constexpr double ratio_max = 8;
  const double mean_run = missing / static_cast<double>(std::max<std::uint64_t>(1, counts.runs));
  pattern.burst_ratio = std::clamp(mean_run * (1 - pattern.fraction), 1.0, ratio_max);
  return pattern;
}

LossPattern loss_pattern(const LossBursts& bursts, std::chrono::microseconds packet_time) {
  auto pattern = loss_pattern(bursts.counts());
  const auto figures = bursts.figures();
  const auto time = [packet_time](double packets) {
    return std::chrono::microseconds{std::llround(packets * static_cast<double>(packet_time.count()))};
  };
  pattern.burst_density = figures.burst_density;
  pattern.gap_density = figures.gap_density;
  pattern.burst_length = time(figures.burst_packets);
  pattern.gap_length = time(figures.gap_packets);
  return pattern;
}

double effective_impairment(CodecImpairment codec, const LossPattern& loss) {
  return std::max(loss_impairment(codec, loss.fraction, std::max(1.0, loss.burst_ratio)),
                  remembered_impairment(codec, loss));
}

double rating(CodecImpairment codec, const LossPattern& loss, std::chrono::microseconds one_way_delay) {
  constexpr double r_0 = 93.2;  // G.107 with all of its defaults
  // The usual linear fit of Id; the knee is where conversation begins to suffer.
  const double delay_ms = std::max(0.0, static_cast<double>(one_way_delay.count()) / 1000.0);
  const double knee_ms = 177.3;
  const double id = 0.024 * delay_ms + (delay_ms > knee_ms ? 0.11 * (delay_ms - knee_ms) : 0);
  return std::clamp(r_0 - id - effective_impairment(codec, loss), 0.0, 100.0);
}

double mos_of_rating(double r) {
  if (r <= 0) return 1;
  if (r >= 100) return 4.5;
  return std::clamp(1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6, 1.0, 4.5);
}

}  // namespace sidetone::rtp
