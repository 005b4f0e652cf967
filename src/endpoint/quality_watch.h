// When a call's voice quality is worth an alarm (vq_alarm_threshold). Raised and cleared at different levels,
// so that a call at the edge does not flap.
#pragma once

#include <optional>

namespace sidetone::endpoint {

class QualityWatch {
 public:
  explicit QualityWatch(double threshold) : threshold_(threshold) {}  // 0: never

  // `mos` of an interval; 0: nothing was expected in it, so it says nothing. The new state, when it changes.
  std::optional<bool> judge(double mos);
  void set_threshold(double threshold) { threshold_ = threshold; }
  [[nodiscard]] bool on() const { return on_; }
  [[nodiscard]] double threshold() const { return threshold_; }

 private:
  double threshold_;
  bool on_ = false;
  int good_intervals_ = 0;  // one after the other, while it is on
};

}  // namespace sidetone::endpoint
