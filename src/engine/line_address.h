// From which of its own addresses a line talks to its server.
#pragma once

#include "base/expected.h"
#include "endpoint/core_settings.h"
#include "net/public_address.h"

namespace sidetone::engine {

// The one of public_address. Where that was chosen by rule, the routing table knows better for a server whose
// address is known: what goes there leaves from another interface, and the registrar would tell us so.
[[nodiscard]] Expected<IpAddress> line_address(const endpoint::CoreLine& line, const net::PublicAddress& own);

}  // namespace sidetone::engine
