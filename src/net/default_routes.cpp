#include "net/default_routes.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cstring>

#include "net/socket.h"

namespace sidetone::net {
namespace {

// One dump answer is at most 32 kB in today's kernels.
constexpr std::size_t answer_bytes_max = 65536;

bool ask(int fd, IpAddress::Family family) {
  struct {
    nlmsghdr header;
    rtmsg route;
  } question{};
  question.header.nlmsg_len = NLMSG_LENGTH(sizeof question.route);
  question.header.nlmsg_type = RTM_GETROUTE;
  question.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  question.route.rtm_family = family == IpAddress::Family::v4 ? AF_INET : AF_INET6;
  return ::send(fd, &question, question.header.nlmsg_len, 0) ==
         static_cast<ssize_t>(question.header.nlmsg_len);
}

// The kernel's macros cast constness away: so nothing is const that they are given.
// A multipath route names its interfaces one level deeper.
void take_nexthops(rtattr& attribute, std::set<unsigned>& out) {
  auto length = static_cast<int>(RTA_PAYLOAD(&attribute));
  const auto* hop = static_cast<const rtnexthop*>(RTA_DATA(&attribute));
  while (length >= static_cast<int>(sizeof *hop) && hop->rtnh_len >= sizeof *hop && hop->rtnh_len <= length) {
    out.insert(static_cast<unsigned>(hop->rtnh_ifindex));
    length -= static_cast<int>(NLMSG_ALIGN(hop->rtnh_len));
    hop = reinterpret_cast<const rtnexthop*>(reinterpret_cast<const char*>(hop) + NLMSG_ALIGN(hop->rtnh_len));
  }
}

void take_route(nlmsghdr& header, std::set<unsigned>& out) {
  if (header.nlmsg_type != RTM_NEWROUTE || header.nlmsg_len < NLMSG_LENGTH(sizeof(rtmsg))) return;
  auto* route = static_cast<rtmsg*>(NLMSG_DATA(&header));
  if (route->rtm_dst_len != 0 || route->rtm_type != RTN_UNICAST) return;  // unreachable, blackhole ...
  auto left = static_cast<int>(header.nlmsg_len - NLMSG_LENGTH(sizeof *route));
  for (auto* at = RTM_RTA(route); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
    if (at->rta_type == RTA_MULTIPATH) take_nexthops(*at, out);
    if (at->rta_type != RTA_OIF || RTA_PAYLOAD(at) < sizeof(unsigned)) continue;
    unsigned index = 0;
    std::memcpy(&index, RTA_DATA(at), sizeof index);
    out.insert(index);
  }
}

}  // namespace

std::set<unsigned> default_route_interfaces(IpAddress::Family family) {
  std::set<unsigned> result;
  const Descriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!socket || !ask(socket.get(), family)) return result;
  alignas(nlmsghdr) char answer[answer_bytes_max];
  for (;;) {
    const auto count = ::recv(socket.get(), answer, sizeof answer, 0);
    if (count <= 0) return result;
    auto left = static_cast<unsigned>(count);
    for (auto* at = reinterpret_cast<nlmsghdr*>(answer); NLMSG_OK(at, left); at = NLMSG_NEXT(at, left)) {
      if (at->nlmsg_type == NLMSG_DONE || at->nlmsg_type == NLMSG_ERROR) return result;
      take_route(*at, result);
    }
  }
}

}  // namespace sidetone::net
