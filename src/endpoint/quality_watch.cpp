#include "endpoint/quality_watch.h"

#include <algorithm>

namespace sidetone::endpoint {
namespace {

// A loss-free PCMU call of no delay (ITU-T G.107). A threshold near it must be possible to leave again.
constexpr double mos_max = 4.41;
constexpr double margin_max = 0.2;
constexpr int good_intervals_needed = 2;

double clear_level(double threshold) {
  return threshold + std::clamp((mos_max - threshold) / 2, 0.0, margin_max);
}

}  // namespace

std::optional<bool> QualityWatch::judge(double mos) {
  if (threshold_ <= 0 || mos <= 0) return std::nullopt;
  if (!on_) {
    on_ = mos < threshold_;
    return on_ ? std::optional(true) : std::nullopt;
  }
  good_intervals_ = mos >= clear_level(threshold_) ? good_intervals_ + 1 : 0;
  if (good_intervals_ < good_intervals_needed) return std::nullopt;
  good_intervals_ = 0;
  on_ = false;
  return false;
}

}  // namespace sidetone::endpoint
