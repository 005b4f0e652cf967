// Where a peer saw us: `received` and `rport` in the topmost Via of its response (RFC 3261 §18.2.1, RFC
// 3581).
#pragma once

#include <optional>
#include <span>

#include "base/address.h"
#include "sip/message/headers.h"
#include "sip/transport/flow.h"

namespace sidetone::sip {

enum class SeenAs : std::uint8_t {
  itself,      // by the address that we sent from
  other_own,   // by another address of this machine: our idea of the way to the peer was wrong
  translated,  // by one that is not ours: there is a NAT between us
};

struct SeenAddress {
  Address address;
  SeenAs as = SeenAs::itself;
};

// Nothing when the response does not say. `flow`: the one of the request; its local address may be
// unspecified, then all of `own` count as itself.
[[nodiscard]] std::optional<SeenAddress> seen_address(const Via& via, const Flow& flow,
                                                      std::span<const IpAddress> own);

}  // namespace sidetone::sip
