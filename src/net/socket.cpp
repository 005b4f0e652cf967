#include "net/socket.h"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace sidetone::net {
namespace {

void set_option(int fd, int level, int name, int value) {
  // Wishes, not conditions: a kernel that refuses one of them still carries packets.
  static_cast<void>(::setsockopt(fd, level, name, &value, sizeof value));
}

// RFC 2474 §3: the code point is the upper six bits of the old TOS octet.
void set_dscp(int fd, IpAddress::Family family, int dscp) {
  if (dscp == 0) return;
  if (family == IpAddress::Family::v4)
    set_option(fd, IPPROTO_IP, IP_TOS, dscp << 2);
  else
    set_option(fd, IPPROTO_IPV6, IPV6_TCLASS, dscp << 2);
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

socklen_t to_system(const Address& address, SystemAddress& out) {
  if (address.ip.is_v4()) {
    out.v4 = {};
    out.v4.sin_family = AF_INET;
    out.v4.sin_port = htons(address.port);
    std::memcpy(&out.v4.sin_addr, address.ip.bytes.data(), 4);
    return sizeof out.v4;
  }
  out.v6 = {};
  out.v6.sin6_family = AF_INET6;
  out.v6.sin6_port = htons(address.port);
  std::memcpy(&out.v6.sin6_addr, address.ip.bytes.data(), 16);
  out.v6.sin6_scope_id = address.ip.zone;
  return sizeof out.v6;
}

Address from_system(const SystemAddress& address) {
  Address result;
  if (address.any.sa_family == AF_INET6) {
    result.ip.family = IpAddress::Family::v6;
    std::memcpy(result.ip.bytes.data(), &address.v6.sin6_addr, 16);
    if (result.ip.is_link_local()) result.ip.zone = address.v6.sin6_scope_id;
    result.port = ntohs(address.v6.sin6_port);
  } else {
    std::memcpy(result.ip.bytes.data(), &address.v4.sin_addr, 4);
    result.port = ntohs(address.v4.sin_port);
  }
  return result;
}

Address local_address(int fd) {
  SystemAddress address{};
  socklen_t length = sizeof address;
  if (::getsockname(fd, &address.any, &length) != 0) return {};
  return from_system(address);
}

std::string error_text(int error) { return std::error_code(error, std::generic_category()).message(); }

Expected<Descriptor> open_socket(IpAddress::Family family, const SocketOptions& options) {
  if (options.dscp < 0 || options.dscp > 63)
    return fail(Layer::net, Fault::range, fmt::format("DSCP {} is not between 0 and 63", options.dscp));
  const bool v4 = family == IpAddress::Family::v4;
  const int type = options.kind == Kind::udp ? SOCK_DGRAM : SOCK_STREAM;
  Descriptor socket(::socket(v4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket)
    return fail(Layer::net, Fault::io,
                fmt::format("no {} socket for {}: {}", to_string(options.kind), v4 ? "IPv4" : "IPv6",
                            error_text(errno)),
                errno == EMFILE ? "raise the limit of open files (ulimit -n)" : "");
  if (!v4) set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (options.reuse_address) set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  // Some hundred packets more than the usual default holds: what comes while other programs have the
  // processors. Systems grant as much of it as they allow (net.core.rmem_max).
  constexpr int receive_buffer_bytes = 1 << 20;
  if (options.kind == Kind::udp) set_option(socket.get(), SOL_SOCKET, SO_RCVBUF, receive_buffer_bytes);
  if (options.kind == Kind::tcp) set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  set_dscp(socket.get(), family, options.dscp);
  return socket;
}

int try_bind(int fd, const Address& local) {
  SystemAddress address;
  const auto length = to_system(local, address);
  return ::bind(fd, &address.any, length) == 0 ? 0 : errno;
}

Error bind_error(Kind kind, const Address& local, int error, std::string_view remedy_option) {
  const auto ip = local.ip.to_string();
  switch (error) {
    case EADDRINUSE:
      return {Fault::busy, Layer::net,
              fmt::format("{} port {} on {} is in use", to_string(kind), local.port, ip),
              fmt::format("choose another {}, or stop the program that holds it", remedy_option)};
    case EADDRNOTAVAIL:
      return {Fault::not_found, Layer::net, fmt::format("{} is not an address of this machine", ip),
              "choose an address that one of its interfaces has"};
    case EACCES:
      return {Fault::refused, Layer::net,
              fmt::format("{} port {} on {} is not allowed to this user", to_string(kind), local.port, ip),
              fmt::format("choose another {}, above 1023", remedy_option)};
    default:
      return {Fault::io, Layer::net,
              fmt::format("{} port {} on {}: {}", to_string(kind), local.port, ip, error_text(error)), ""};
  }
}

Expected<Descriptor> bind_socket(const Address& local, const SocketOptions& options) {
  auto socket = open_socket(local.ip.family, options);
  if (!socket) return socket;
  if (const int error = try_bind(socket->get(), local); error != 0)
    return tl::make_unexpected(bind_error(options.kind, local, error, "sip_port_min"));
  return socket;
}

}  // namespace sidetone::net
