// The interfaces through which the default routes lead, asked of the kernel by netlink.
#pragma once

#include <set>

#include "base/address.h"

namespace sidetone::net {

// Interface indexes.
[[nodiscard]] std::set<unsigned> default_route_interfaces(IpAddress::Family family);

}  // namespace sidetone::net
