// The sockets that the driver has bound, and what each of them is called in Via and Contact.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sip/transport/flow.h"

namespace sidetone::sip::flows {

struct Socket {
  SocketId id;
  Transport transport = Transport::udp;
  Address local;
  std::string public_host;  // empty: that of `local`
  std::uint16_t public_port = 0;
  TlsProfileId tls_profile;  // TLS: with which it accepts
};

class Sockets {
 public:
  SocketId add(Transport transport, Address local, TlsProfileId tls_profile = {});
  void remove(SocketId id);
  void set_public_host(SocketId id, std::string host, std::uint16_t port);

  // A handful at most: one per interface and transport, so these look through all.
  [[nodiscard]] const Socket* find(SocketId id) const;
  [[nodiscard]] const Socket* first_udp(IpAddress::Family family) const;
  [[nodiscard]] const Socket* first(Transport transport) const;
  [[nodiscard]] bool has(IpAddress::Family family) const;
  // The listener to which a peer can open a connection of its own; the same address first.
  [[nodiscard]] const Socket* listener(Transport transport, const IpAddress& local) const;
  [[nodiscard]] std::string sent_by(const Flow& flow) const;

 private:
  std::vector<Socket> sockets_;
  IdSource<SocketId> ids_;
};

}  // namespace sidetone::sip::flows
