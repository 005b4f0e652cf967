// What is to be located, and the places that it turned out to be.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "sip/transport/flow.h"

namespace sidetone::sip {

struct Destination {
  std::string host;                         // a name, not an address
  std::uint16_t port = 0;                   // 0: not told, then SRV records say
  std::optional<Transport> transport;       // nothing: NAPTR records may say
  bool sips = false;                        // TLS only
  std::vector<IpAddress::Family> families;  // that can be reached from here, the preferred one first
  friend bool operator==(const Destination&, const Destination&) = default;
};

struct Target {
  Transport transport = Transport::udp;
  Address address;
  // Whose certificate a TLS server must show: the name that was asked for, not one that the DNS led to
  // (RFC 5922 §4).
  std::string tls_name;
  friend bool operator==(const Target&, const Target&) = default;
};

struct Located {
  std::vector<Target> targets;  // the best first; empty: see `error`
  std::string error;            // which question failed and why
};

struct LocationSettings {
  std::size_t targets_max = 20;  // SDK guide: at most 20 targets per service
  std::vector<IpAddress::Family> families{IpAddress::Family::v4, IpAddress::Family::v6};  // ip_versions
};

}  // namespace sidetone::sip
