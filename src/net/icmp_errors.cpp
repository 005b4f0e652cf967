#include "net/icmp_errors.h"

#include <fmt/format.h>
#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "net/socket.h"

namespace sidetone::net {
namespace {

std::optional<sock_extended_err> extended_error(msghdr& message) {
  for (auto* control = CMSG_FIRSTHDR(&message); control != nullptr;
       control = CMSG_NXTHDR(&message, control)) {
    const bool v4 = control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_RECVERR;
    const bool v6 = control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_RECVERR;
    if (!v4 && !v6) continue;
    sock_extended_err error;
    std::memcpy(&error, CMSG_DATA(control), sizeof error);
    return error;
  }
  return std::nullopt;
}

bool is_unreachable(const sock_extended_err& error) {
  if (error.ee_origin == SO_EE_ORIGIN_ICMP)
    return error.ee_type == ICMP_DEST_UNREACH && error.ee_code != ICMP_FRAG_NEEDED;
  return error.ee_origin == SO_EE_ORIGIN_ICMP6 && error.ee_type == ICMP6_DST_UNREACH;
}

}  // namespace

void enable_icmp_errors(int fd, IpAddress::Family family) {
  const int on = 1;
  if (family == IpAddress::Family::v4)
    static_cast<void>(::setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on));
  else
    static_cast<void>(::setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on));
}

void drain_icmp_errors(int fd, const std::function<void(const Address& to, std::string why)>& report) {
  // The kernel bounds the queue by the socket's receive buffer; the bound here only ends a race with a
  // flood of new errors.
  for (int i = 0; i < 256; ++i) {
    SystemAddress to{};
    alignas(cmsghdr) char control[256];
    msghdr message{};
    message.msg_name = &to;
    message.msg_namelen = sizeof to;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    if (::recvmsg(fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return;
    const auto error = extended_error(message);
    if (!error || !is_unreachable(*error)) continue;
    const auto address = from_system(to);
    const auto why = error->ee_errno == ECONNREFUSED ? "nobody listens there"
                                                     : error_text(static_cast<int>(error->ee_errno));
    report(address, fmt::format("UDP {}: {}", address.to_string(), why));
  }
}

}  // namespace sidetone::net
