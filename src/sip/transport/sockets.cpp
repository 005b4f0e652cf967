#include "sip/transport/sockets.h"

#include <fmt/format.h>

#include <algorithm>

namespace sidetone::sip::flows {
namespace {

// `known`: the address on which a connection really is, when the socket itself listens on all.
std::string name_of(const Socket& socket, const IpAddress& known) {
  const std::uint16_t port = socket.public_port != 0 ? socket.public_port : socket.local.port;
  if (!socket.public_host.empty()) {
    const bool bare_v6 = socket.public_host.find(':') != std::string::npos && socket.public_host[0] != '[';
    return fmt::format("{}{}{}:{}", bare_v6 ? "[" : "", socket.public_host, bare_v6 ? "]" : "", port);
  }
  const bool replace = socket.local.ip.is_unspecified() && !known.is_unspecified();
  return Address{replace ? known : socket.local.ip, port}.to_string();
}

}  // namespace

SocketId Sockets::add(Transport transport, Address local, TlsProfileId tls_profile) {
  sockets_.push_back({ids_.next(), transport, local, {}, 0, tls_profile});
  return sockets_.back().id;
}

void Sockets::remove(SocketId id) {
  std::erase_if(sockets_, [id](const Socket& socket) { return socket.id == id; });
}

void Sockets::set_public_host(SocketId id, std::string host, std::uint16_t port) {
  for (auto& socket : sockets_) {
    if (socket.id != id) continue;
    socket.public_host = std::move(host);
    socket.public_port = port;
    return;
  }
}

const Socket* Sockets::find(SocketId id) const {
  for (const auto& socket : sockets_)
    if (socket.id == id) return &socket;
  return nullptr;
}

const Socket* Sockets::first_udp(IpAddress::Family family) const {
  for (const auto& socket : sockets_)
    if (socket.transport == Transport::udp && socket.local.ip.family == family) return &socket;
  return nullptr;
}

bool Sockets::has(IpAddress::Family family) const {
  return std::any_of(sockets_.begin(), sockets_.end(),
                     [&](const Socket& socket) { return socket.local.ip.family == family; });
}

const Socket* Sockets::first(Transport transport) const {
  for (const auto& socket : sockets_)
    if (socket.transport == transport) return &socket;
  return nullptr;
}

const Socket* Sockets::listener(Transport transport, const IpAddress& local) const {
  const Socket* any = nullptr;
  for (const auto& socket : sockets_) {
    if (socket.transport != transport || socket.local.ip.family != local.family) continue;
    if (socket.local.ip == local) return &socket;
    if (any == nullptr && socket.local.ip.is_unspecified()) any = &socket;
  }
  return any;
}

// RFC 3261 §18.1.1: where the peer can reach us. A flow of which only the transport is known (a Contact is
// written before the request has left) takes the first socket that fits, then any: its host is right.
std::string Sockets::sent_by(const Flow& flow) const {
  if (const Socket* socket = find(flow.socket)) return name_of(*socket, flow.local.ip);
  const bool is_known = flow.local.port != 0;
  if (flow.transport != Transport::udp && is_known) {
    if (const Socket* socket = listener(flow.transport, flow.local.ip))
      return name_of(*socket, flow.local.ip);
    return flow.local.to_string();
  }
  if (const Socket* socket = first(flow.transport)) return name_of(*socket, flow.local.ip);
  if (!sockets_.empty()) return name_of(sockets_.front(), flow.local.ip);
  return flow.local.to_string();
}

}  // namespace sidetone::sip::flows
