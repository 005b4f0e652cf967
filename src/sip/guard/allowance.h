// So many at once, so many per second after that (a token bucket).
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"

namespace sidetone::sip {

class Allowance {
 public:
  // One comes back per `interval`, until there are `burst` again.
  Allowance(std::uint32_t burst, Duration interval) : burst_(burst), left_(burst), interval_(interval) {}

  [[nodiscard]] bool take(Time now) {
    refill(now);
    if (left_ == 0) return false;
    --left_;
    return true;
  }

 private:
  void refill(Time now) {
    if (left_ == burst_ || now < since_) since_ = now;
    const auto back = (now - since_) / interval_;
    if (back <= 0) return;
    left_ = static_cast<std::uint32_t>(std::min<std::int64_t>(burst_, left_ + std::int64_t{back}));
    since_ += back * interval_;
  }

  std::uint32_t burst_, left_;
  Duration interval_;
  Time since_{};
};

}  // namespace sidetone::sip
