// Which addresses this machine has, and which of them a peer would see.
#pragma once

#include <string>
#include <vector>

#include "base/address.h"
#include "base/expected.h"

namespace sidetone::net {

struct InterfaceAddress {
  std::string interface;  // "eth0"
  IpAddress ip;
  bool loopback = false;
  friend bool operator==(const InterfaceAddress&, const InterfaceAddress&) = default;
};

// Of interfaces that are up, in the system's order. IPv6 link-local ones are left out: without a zone they
// say nothing to a peer.
[[nodiscard]] std::vector<InterfaceAddress> local_addresses();

// The source address that the routing table chooses for `peer`: what Via, Contact and SDP announce to it.
// No packet is sent.
Expected<IpAddress> local_address_towards(const Address& peer);

}  // namespace sidetone::net
