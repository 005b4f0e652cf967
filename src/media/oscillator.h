// A sine by turning a vector: no sin() per sample.
#pragma once

#include <cmath>
#include <numbers>

namespace sidetone::media {

class Oscillator {
 public:
  Oscillator() = default;
  Oscillator(double hz, int rate_hz)
      : cos_step_(std::cos(2 * std::numbers::pi * hz / rate_hz)),
        sin_step_(std::sin(2 * std::numbers::pi * hz / rate_hz)) {}
  double next() {
    const double x = x_ * cos_step_ - y_ * sin_step_;
    y_ = x_ * sin_step_ + y_ * cos_step_;
    x_ = x;
    return y_;
  }
  void settle() {  // rounding must not let the amplitude drift over hours
    const double size = std::hypot(x_, y_);
    x_ /= size;
    y_ /= size;
  }

 private:
  double cos_step_ = 1, sin_step_ = 0, x_ = 1, y_ = 0;
};

}  // namespace sidetone::media
