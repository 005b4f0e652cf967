#include "net/interfaces.h"

#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "net/socket.h"

namespace sidetone::net {

std::vector<InterfaceAddress> local_addresses() {
  std::vector<InterfaceAddress> result;
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return result;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(first, &::freeifaddrs);
  for (const auto* entry = first; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || (entry->ifa_flags & IFF_UP) == 0) continue;
    const auto family = entry->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    SystemAddress address{};
    std::memcpy(&address, entry->ifa_addr, family == AF_INET ? sizeof address.v4 : sizeof address.v6);
    if (family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&address.v6.sin6_addr)) continue;
    result.push_back({entry->ifa_name, from_system(address).ip, (entry->ifa_flags & IFF_LOOPBACK) != 0});
  }
  return result;
}

Expected<IpAddress> local_address_towards(const Address& peer) {
  auto socket = open_socket(peer.ip.family, {});
  if (!socket) return tl::make_unexpected(std::move(socket.error()));
  SystemAddress address;
  // Port 0 is not a destination; any other gives the same route.
  const auto length = to_system({peer.ip, peer.port == 0 ? std::uint16_t{9} : peer.port}, address);
  if (::connect(socket->get(), &address.any, length) != 0)
    return fail(Layer::net, Fault::unreachable,
                fmt::format("no route to {}: {}", peer.ip.to_string(), error_text(errno)),
                "check the network connection");
  return local_address(socket->get()).ip;
}

}  // namespace sidetone::net
