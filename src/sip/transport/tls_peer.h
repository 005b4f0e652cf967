// Whom a TLS connection is for. A connection was authenticated for one name with one set of certificates and
// serves nobody else: two names at one address are two peers (RFC 5922 §7.3, RFC 5923 §9.3).
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "sip/transport/flow.h"

namespace sidetone::sip::flows {

struct TlsPeer {
  std::string name;  // as tls_name() writes it; empty: the address
  TlsProfileId profile;
};

// DNS names compare without case (RFC 5922 §7.2), and with or without the root's dot they are the same.
[[nodiscard]] std::string tls_name(std::string_view host);

// Whom the connections that are gone were for: a BYE that finds its flow dead must open the new connection
// under the name of the old one, not under the address at the end of the flow.
class LostPeers {
 public:
  void add(ConnectionId id, TlsPeer peer);
  [[nodiscard]] const TlsPeer* find(ConnectionId id) const;

 private:
  // Bound: more than one server's worth of connections that broke at once; what is forgotten goes by the
  // name in the request's next hop.
  static constexpr std::size_t peers_max = 256;
  std::unordered_map<ConnectionId, TlsPeer> peers_;
  std::deque<ConnectionId> order_;
};

}  // namespace sidetone::sip::flows
