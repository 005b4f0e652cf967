#include "net/packet_info.h"

#include <cstring>

namespace sidetone::net {

void PacketInfo::enable(int fd, IpAddress::Family family) {
  const int on = 1;
  // Without it the datagram counts as sent to the socket's own, unspecified address.
  if (family == IpAddress::Family::v4)
    static_cast<void>(::setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on));
  else
    static_cast<void>(::setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on));
}

void PacketInfo::attach(msghdr& header) {
  header.msg_control = room_;
  header.msg_controllen = sizeof room_;
}

std::optional<IpAddress> PacketInfo::destination(msghdr& header) {
  for (auto* at = CMSG_FIRSTHDR(&header); at != nullptr; at = CMSG_NXTHDR(&header, at)) {
    IpAddress ip;
    if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_PKTINFO) {
      in_pktinfo info;
      std::memcpy(&info, CMSG_DATA(at), sizeof info);
      std::memcpy(ip.bytes.data(), &info.ipi_addr, 4);
      return ip;
    }
    if (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info;
      std::memcpy(&info, CMSG_DATA(at), sizeof info);
      ip.family = IpAddress::Family::v6;
      std::memcpy(ip.bytes.data(), &info.ipi6_addr, 16);
      if (ip.is_link_local()) ip.zone = info.ipi6_ifindex;
      return ip;
    }
  }
  return std::nullopt;
}

void PacketInfo::set_source(msghdr& header, const IpAddress& from) {
  std::memset(room_, 0, sizeof room_);
  header.msg_control = room_;
  header.msg_controllen = from.is_v4() ? CMSG_SPACE(sizeof(in_pktinfo)) : CMSG_SPACE(sizeof(in6_pktinfo));
  auto* at = CMSG_FIRSTHDR(&header);
  if (from.is_v4()) {
    in_pktinfo info{};
    std::memcpy(&info.ipi_spec_dst, from.bytes.data(), 4);
    at->cmsg_level = IPPROTO_IP;
    at->cmsg_type = IP_PKTINFO;
    at->cmsg_len = CMSG_LEN(sizeof info);
    std::memcpy(CMSG_DATA(at), &info, sizeof info);
    return;
  }
  in6_pktinfo info{};
  std::memcpy(&info.ipi6_addr, from.bytes.data(), 16);
  info.ipi6_ifindex = from.zone;
  at->cmsg_level = IPPROTO_IPV6;
  at->cmsg_type = IPV6_PKTINFO;
  at->cmsg_len = CMSG_LEN(sizeof info);
  std::memcpy(CMSG_DATA(at), &info, sizeof info);
}

}  // namespace sidetone::net
