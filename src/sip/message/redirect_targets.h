// The Contacts of a 3xx as places to try (RFC 3261 §8.1.3.4, §19.1.5, §20.10).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sip/message/message.h"

namespace sidetone::sip {

struct RedirectTarget {
  std::string uri;  // without method and headers
  int q = 1000;     // thousandths
  // From the URI: those that a stranger may set in our request (§19.1.5).
  std::vector<std::pair<std::string, std::string>> headers;
};

// Bound: beyond it a redirection is an attack on others with our packets (§26.3.2.4 in spirit).
inline constexpr std::size_t redirect_targets_max = 10;

// Best first; those of equal q in the order of the response. sip and sips only.
[[nodiscard]] std::vector<RedirectTarget> redirect_targets(const Message& response);

}  // namespace sidetone::sip
