// Where a call goes that the line's server has asked for by REFER (RFC 3515), without refer_to_proxy.
#pragma once

#include <optional>
#include <string>

#include "endpoint/core_settings.h"
#include "sip/dialog/next_hop.h"

namespace sidetone::endpoint {

// To the target's own place. None: by the line's server, which has its failover and its connection.
[[nodiscard]] std::optional<sip::NextHop> way_past_the_server(const std::string& target,
                                                              const CoreLine& line);

}  // namespace sidetone::endpoint
