// Which interfaces and addresses this machine has, what it is called, and which address a peer would see.
#pragma once

#include <string>
#include <vector>

#include "base/address.h"
#include "base/expected.h"

namespace sidetone::net {

struct Interface {
  std::string name;                  // "eth0"
  std::vector<IpAddress> addresses;  // in the system's order, link-local ones too (with their zone)
  bool up = false;
  bool loopback = false;
  bool has_default_gateway = false;  // of either family
  std::string hardware_address;      // "0a1b2c3d4e5f"; empty: it has none
  friend bool operator==(const Interface&, const Interface&) = default;
};

// What decisions about our own address are made from; a value, so that they can be tested without a network.
struct NetworkFacts {
  std::vector<Interface> interfaces;  // in the system's order
  std::string host_name;              // as gethostname() says
  std::string fqdn;                   // empty: the resolver knows no full name
  // Of interfaces that are up.
  [[nodiscard]] std::vector<IpAddress> addresses() const;
  [[nodiscard]] bool has(const IpAddress& ip) const;
  [[nodiscard]] std::string hardware_address_of(const IpAddress& ip) const;  // of the interface that has it
  friend bool operator==(const NetworkFacts&, const NetworkFacts&) = default;
};

// Asks the kernel only (netlink). The full name may need the resolver: see read_fqdn().
[[nodiscard]] NetworkFacts read_network_facts();
// The canonical name of `host_name`; blocks as long as the resolver takes, so only who needs it asks.
[[nodiscard]] std::string read_fqdn(const std::string& host_name);

// "fe80::1%eth0" as "fe80::1%4", which everybody can read; anything else as it is. An interface that there is
// not stays as it was written, and is then no address.
[[nodiscard]] std::string with_numeric_zone(std::string host);

// The source address that the routing table chooses for `peer`: what Via, Contact and SDP announce to it.
// No packet is sent.
Expected<IpAddress> local_address_towards(const Address& peer);

}  // namespace sidetone::net
