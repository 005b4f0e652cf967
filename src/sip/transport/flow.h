// What the SIP core and the driver that owns the sockets say to each other.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/address.h"
#include "base/strong_id.h"
#include "sip/location/dns.h"

namespace sidetone::sip {

enum class Transport : std::uint8_t { udp, tcp, tls };
[[nodiscard]] std::string_view to_string(Transport transport);                 // "UDP" as in Via
[[nodiscard]] std::optional<Transport> find_transport(std::string_view text);  // without case

using SocketId = StrongId<struct SocketTag>;          // a bound UDP socket or a listening TCP/TLS one
using ConnectionId = StrongId<struct ConnectionTag>;  // one TCP or TLS connection; ids come from the core for
                                                      // outgoing ones, from the core's accept() for incoming
// Certificates, trust and checks that the driver keeps for a line; none: those that are the driver's default.
using TlsProfileId = StrongId<struct TlsProfileTag>;

using Bytes = std::shared_ptr<const std::string>;  // shared by retransmissions, the trace and the driver

// Where a message came from, or the way back to where it came from.
struct Flow {
  Transport transport = Transport::udp;
  SocketId socket;          // UDP: the socket it arrived on
  ConnectionId connection;  // TCP, TLS
  Address local;
  Address remote;
  friend bool operator==(const Flow&, const Flow&) = default;
};

// Where a request shall go. `host` may be a name; then the DNS is asked first (RFC 3263, sip/location).
struct NextHop {
  Transport transport = Transport::udp;
  std::string host;
  std::uint16_t port = 0;    // 0: SRV records say; else the transport's default (5060, TLS 5061)
  SocketId socket;           // UDP: send from this one; none: the first of the right family
  std::optional<Flow> flow;  // set: this very flow while it lives (RFC 5626, dialogs over TCP)
  TlsProfileId tls_profile;
  // The name that the peer's certificate must carry: the domain that was located, not what DNS made of it
  // (RFC 5922 §7.3). Empty: `host`.
  std::string tls_name;
  // Nobody asked for `transport`: NAPTR records choose (RFC 3263 §4.1). With TLS: but only TLS (sips).
  bool any_transport = false;
  std::optional<Address>
      preferred;  // of the addresses that the name leads to, this one when it is among them
};

// What the driver must do. Order matters: outputs are polled in the order in which they arose.
struct SendDatagram {
  SocketId socket;
  Address to;
  Bytes bytes;
};
struct SendStream {
  ConnectionId connection;
  Bytes bytes;
};
struct OpenConnection {
  ConnectionId connection;
  Transport transport;
  Address to;
  std::string host_name;  // TLS: the name that the certificate must carry; an address when none is known
  TlsProfileId tls_profile;
};
struct CloseConnection {
  ConnectionId connection;
};
// Answered by TransportLayer::dns_answer().
using IoOutput = std::variant<SendDatagram, SendStream, OpenConnection, CloseConnection, DnsQuery>;

}  // namespace sidetone::sip
