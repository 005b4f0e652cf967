// The bodies of INFO requests that carry digits (RFC 6086 leaves this use to history): application/dtmf-relay
// with "Signal=5" and "Duration=160" lines, also under names of vendors, and application/dtmf with the digits
// alone.
#pragma once

#include <chrono>
#include <string_view>
#include <vector>

namespace sidetone::endpoint {

struct InfoDigit {
  char digit = 0;
  std::chrono::milliseconds duration{250};  // what gateways take where nothing is said
  friend bool operator==(const InfoDigit&, const InfoDigit&) = default;
};
// None: another type, or nothing that can be read.
[[nodiscard]] std::vector<InfoDigit> digits_of_info(std::string_view type, std::string_view body);

}  // namespace sidetone::endpoint
