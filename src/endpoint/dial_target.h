// What a user types to call somebody, as a request URI.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/expected.h"

namespace sidetone::endpoint {

struct DialTarget {
  std::string uri;
  std::string number;  // user part, for display
};

// Digits and names ("7002", "+49 30 1234-56", "alice") go to the line's server; "user@host" and whole sip:
// and tel: URIs are taken as they are. Visual separators of numbers (RFC 3966 §5.1.1) are dropped.
[[nodiscard]] Expected<DialTarget> resolve_dial_target(std::string_view text, std::string_view server_host,
                                                       std::uint16_t server_port);

}  // namespace sidetone::endpoint
