// The digits that come in on one call, by telephone-event, INFO or tones: some far ends and gateways send
// each key by two of them. Pure.
#pragma once

#include <array>
#include <cstdint>

#include "base/time.h"
#include "sidetone/types.h"

namespace sidetone::endpoint {

class HeardDigits {
 public:
  // False: the same key was told already, by another method and a moment ago.
  [[nodiscard]] bool is_new(char digit, DtmfMethod method, Time now) {
    for (auto& one : recent_) {
      const bool twin = one.digit == digit && one.method != method && now - one.at < twin_time_max;
      if (!twin) continue;
      one.digit = 0;  // each has one twin
      return false;
    }
    recent_[next_++ % recent_.size()] = {digit, method, now};
    return true;
  }

 private:
  // INFO waits for a lost datagram half a second and more (RFC 3261 §17.1.2.2); tones wait in the jitter
  // buffer.
  static constexpr Duration twin_time_max = std::chrono::milliseconds(1000);
  struct One {
    char digit = 0;
    DtmfMethod method = DtmfMethod::rfc2833;
    Time at{};
  };
  std::array<One, 8> recent_{};  // nobody presses more keys in a second
  std::size_t next_ = 0;
};

}  // namespace sidetone::endpoint
