#include "rtp/mos.h"

#include <algorithm>

namespace sidetone::rtp {

double rating(CodecImpairment codec, double loss_fraction, std::chrono::microseconds one_way_delay) {
  constexpr double r_0 = 93.2;
  const double loss_percent = 100 * std::clamp(loss_fraction, 0.0, 1.0);
  const double ie_effective = codec.ie + (95 - codec.ie) * loss_percent / (loss_percent + codec.bpl);
  // The usual linear fit of Id; the knee is where conversation begins to suffer.
  const double delay_ms = std::max(0.0, static_cast<double>(one_way_delay.count()) / 1000.0);
  const double knee_ms = 177.3;
  const double id = 0.024 * delay_ms + (delay_ms > knee_ms ? 0.11 * (delay_ms - knee_ms) : 0);
  return std::clamp(r_0 - id - ie_effective, 0.0, 100.0);
}

double mos_of_rating(double r) {
  if (r <= 0) return 1;
  if (r >= 100) return 4.5;
  return std::clamp(1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6, 1.0, 4.5);
}

}  // namespace sidetone::rtp
