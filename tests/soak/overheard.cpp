#include "overheard.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>

#include <array>

#include "net/socket.h"

namespace sidetone::flood {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t udp_header = 8;
constexpr std::uint8_t udp = 17;  // IANA's number of it

// The payload when this IPv4 packet is a datagram to that address.
std::string_view payload_to(const Address& to, std::string_view packet) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(packet[at]); };
  if (packet.size() < 20 || byte(0) >> 4 != 4 || byte(9) != udp) return {};
  const std::size_t header = (byte(0) & 0xfU) * 4;
  if (packet.size() < header + udp_header) return {};
  for (std::size_t i = 0; i < 4; ++i)
    if (byte(16 + i) != to.ip.bytes[i]) return {};
  if ((byte(header + 2) << 8 | byte(header + 3)) != to.port) return {};
  return packet.substr(header + udp_header);
}

net::Descriptor listen_on_loopback() {
  net::Descriptor socket(::socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_IP)));
  if (!socket) return {};
  sockaddr_ll where{};
  where.sll_family = AF_PACKET;
  where.sll_protocol = htons(ETH_P_IP);
  where.sll_ifindex = static_cast<int>(::if_nametoindex("lo"));
  if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&where), sizeof where) != 0) return {};
  return socket;
}

}  // namespace

std::vector<std::string> overhear(const Address& to, std::size_t count, std::chrono::milliseconds patience) {
  std::vector<std::string> packets;
  const auto socket = listen_on_loopback();
  if (!socket || !to.ip.is_v4()) return packets;
  const auto until = Clock::now() + patience;
  std::array<char, 2048> bytes;
  while (packets.size() < count && Clock::now() < until) {
    pollfd ready{socket.get(), POLLIN, 0};
    ::poll(&ready, 1, 10);
    const auto size = ::recv(socket.get(), bytes.data(), bytes.size(), 0);
    if (size <= 0) continue;
    const auto payload = payload_to(to, {bytes.data(), static_cast<std::size_t>(size)});
    if (!payload.empty()) packets.emplace_back(payload);
  }
  return packets;
}

}  // namespace sidetone::flood
