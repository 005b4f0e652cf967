#include "net/interfaces.h"

#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netpacket/packet.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "net/default_routes.h"
#include "net/socket.h"

namespace sidetone::net {
namespace {

Interface& entry_for(std::vector<Interface>& all, const char* name) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
  if (found != all.end()) return *found;
  all.push_back({});
  all.back().name = name;
  return all.back();
}

// Loopback and tunnels have six zeros or none.
std::string hardware_address(const sockaddr& address) {
  sockaddr_ll link{};
  std::memcpy(&link, &address, sizeof link);
  std::string text;
  if (link.sll_halen != 6) return text;
  for (std::size_t i = 0; i < 6; ++i) text += fmt::format("{:02x}", link.sll_addr[i]);
  return text == "000000000000" ? std::string() : text;
}

std::string system_host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? std::string(name) : std::string{};
}

}  // namespace

std::vector<IpAddress> NetworkFacts::addresses() const {
  std::vector<IpAddress> result;
  for (const auto& one : interfaces)
    if (one.up) result.insert(result.end(), one.addresses.begin(), one.addresses.end());
  return result;
}

bool NetworkFacts::has(const IpAddress& ip) const {
  // All of 127.0.0.0/8 is this machine (RFC 1122 §3.2.1.3), though one address of it is listed.
  if (ip.is_loopback()) return true;
  const auto all = addresses();
  return std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.same_host(ip); });
}

std::string NetworkFacts::hardware_address_of(const IpAddress& ip) const {
  for (const auto& one : interfaces)
    for (const auto& own : one.addresses)
      if (own.same_host(ip)) return one.hardware_address;
  return {};
}

NetworkFacts read_network_facts() {
  NetworkFacts facts;
  facts.host_name = system_host_name();
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return facts;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(first, &::freeifaddrs);
  for (const auto* at = first; at != nullptr; at = at->ifa_next) {
    Interface& one = entry_for(facts.interfaces, at->ifa_name);
    one.up = (at->ifa_flags & IFF_UP) != 0;
    one.loopback = (at->ifa_flags & IFF_LOOPBACK) != 0;
    if (at->ifa_addr == nullptr) continue;
    const auto family = at->ifa_addr->sa_family;
    if (family == AF_PACKET) one.hardware_address = hardware_address(*at->ifa_addr);
    if (family != AF_INET && family != AF_INET6) continue;
    SystemAddress address{};
    std::memcpy(&address, at->ifa_addr, family == AF_INET ? sizeof address.v4 : sizeof address.v6);
    one.addresses.push_back(from_system(address).ip);
  }
  const auto v4 = default_route_interfaces(IpAddress::Family::v4);
  const auto v6 = default_route_interfaces(IpAddress::Family::v6);
  for (auto& one : facts.interfaces) {
    const auto index = ::if_nametoindex(one.name.c_str());
    one.has_default_gateway = v4.contains(index) || v6.contains(index);
  }
  return facts;
}

std::string read_fqdn(const std::string& host_name) {
  addrinfo hints{};
  hints.ai_flags = AI_CANONNAME;
  addrinfo* found = nullptr;
  if (host_name.empty() || ::getaddrinfo(host_name.c_str(), nullptr, &hints, &found) != 0) return {};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  const std::string name = found->ai_canonname != nullptr ? found->ai_canonname : "";
  return name.find('.') != std::string::npos ? name : std::string{};  // a bare name is no full one
}

std::string with_numeric_zone(std::string host) {
  const auto percent = host.find('%');
  if (percent == std::string::npos || host.find(':') == std::string::npos) return host;
  const bool bracket = host.back() == ']';
  const auto name = host.substr(percent + 1, host.size() - percent - 1 - (bracket ? 1 : 0));
  const auto index = ::if_nametoindex(name.c_str());
  if (index == 0) return host;
  return fmt::format("{}%{}{}", host.substr(0, percent), index, bracket ? "]" : "");
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
