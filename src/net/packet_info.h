// To which of our addresses a datagram was sent, and from which one it shall leave, on a socket that is bound
// to all of them (RFC 3542 §6; IP_PKTINFO is the same for IPv4).
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>

#include "base/address.h"

namespace sidetone::net {

class PacketInfo {
 public:
  static void enable(int fd, IpAddress::Family family);
  void attach(msghdr& header);  // before recvmsg()
  [[nodiscard]] static std::optional<IpAddress> destination(msghdr& header);
  void set_source(msghdr& header, const IpAddress& from);  // before sendmsg()

 private:
  alignas(cmsghdr) char room_[CMSG_SPACE(sizeof(in6_pktinfo))];
};

}  // namespace sidetone::net
