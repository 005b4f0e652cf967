// The body of a DTMF INFO, application/dtmf-relay: "Signal=5", "Duration=160" lines.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sidetone::endpoint {

struct InfoDigit {
  char digit = 0;
  std::chrono::milliseconds duration{100};
};
[[nodiscard]] std::optional<InfoDigit> digit_of_relay(std::string_view body);

}  // namespace sidetone::endpoint
