// How long a phone may ring that no CANCEL reaches: its network may be away when the server gives the call
// up.
#pragma once

#include <fmt/format.h>

#include "labserver/settings.h"
#include "sip/stack.h"

namespace sidetone::lab {

// RFC 3261 §13.3.1, step 1: the phone itself ends an invitation that has expired. Behind our own CANCEL,
// which is the rule; the phone's 487 at the same moment would only cross it.
[[nodiscard]] inline sip::ExtraHeader ring_limit(const ServerSettings& settings) {
  constexpr std::chrono::seconds behind{10};
  const auto limit = std::chrono::ceil<std::chrono::seconds>(settings.ring_max) + behind;
  return {"Expires", fmt::format("{}", limit.count())};
}

}  // namespace sidetone::lab
