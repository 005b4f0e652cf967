// Service-Route of a registration's 2xx (RFC 3608): the routes that requests of the line take from then on.
#pragma once

#include <string>
#include <vector>

#include "sip/message/message.h"

namespace sidetone::sip {

// Bound: each is written into each request; real ones are one or two.
inline constexpr std::size_t service_routes_max = 8;

// As Route values. All or nothing: a path with a hole leads elsewhere. Nothing when there are too many, or
// one is no SIP URI or no loose route (§5: "MUST" have "lr" to be used in Route as they are).
[[nodiscard]] std::vector<std::string> service_route_of(const Message& response);

}  // namespace sidetone::sip
