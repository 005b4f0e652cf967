// Packets of a stream that the attacker saw on the wire: what a replay is made of.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/address.h"

namespace sidetone::flood {

// UDP payloads that pass to `to` on the loopback interface, at most `count` and for at most `patience`. Empty
// without the right to look (CAP_NET_RAW).
[[nodiscard]] std::vector<std::string> overhear(const Address& to, std::size_t count,
                                                std::chrono::milliseconds patience);

}  // namespace sidetone::flood
