// Which address we call our own: the option public_address with ip_versions, decided from facts alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "net/interfaces.h"

namespace sidetone::net {

struct PublicAddress {
  IpAddress ip;      // what SDP carries, and Contact when there is no name
  std::string name;  // an explicit host name or FQDN, or $fqdn: what Contact carries
  // Chosen by the rule of $auto: a line whose server is reached from another address of the same family may
  // take that one.
  bool is_automatic = false;
  bool any_family = false;  // ... of the other family, too: ip_versions allows both
};

// `option`: empty or $auto, IP, host name, FQDN, $ipv4, $ipv6, $host, $fqdn, $<adapter name or part>,
// $net:<CIDR>. `versions`: preferred first; empty acts like IPv4,IPv6. Errors name the option and its value,
// and say what there is to choose from.
[[nodiscard]] Expected<PublicAddress> choose_public_address(std::string_view option,
                                                            std::vector<IpAddress::Family> versions,
                                                            const NetworkFacts& facts);
// The name that choose_public_address() will need: only $fqdn asks the resolver.
[[nodiscard]] bool needs_fqdn(std::string_view option);

}  // namespace sidetone::net
