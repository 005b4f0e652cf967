// Where a request for a URI goes when nothing else says so (RFC 3263 comes in by NextHop's resolver).
#pragma once

#include <optional>
#include <string_view>

#include "sip/transport/flow.h"

namespace sidetone::sip {
// Nothing for tel: and other URIs without a host.
[[nodiscard]] bool is_sips(std::string_view uri);
[[nodiscard]] std::optional<NextHop> next_hop_of(std::string_view uri);
}  // namespace sidetone::sip
