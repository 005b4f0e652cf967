// Which hosts' datagrams a socket takes at all, decided by the kernel: what it drops fills no buffer and
// wakes nobody.
#pragma once

#include <span>

#include "base/address.h"

namespace sidetone::net {

// Bound: a call's peer has its address, that of the signalling and that of its RTCP.
inline constexpr std::size_t filtered_hosts_max = 4;

// From here on the UDP socket drops what others send; what already waits in it stays. Empty: it takes all
// again. False: the system cannot, and nothing has changed.
bool admit_only(int fd, std::span<const IpAddress> hosts);

}  // namespace sidetone::net
