// ICMP errors of an unconnected UDP socket: the kernel's error queue says which destination failed.
#pragma once

#include <functional>
#include <string>

#include "base/address.h"

namespace sidetone::net {

void enable_icmp_errors(int fd, IpAddress::Family family);
// Takes all that waits. `report` hears of destination unreachable only: RFC 3261 §18.4 ignores time exceeded
// and source quench, and "fragmentation needed" only tells the kernel to fragment the retransmission.
void drain_icmp_errors(int fd, const std::function<void(const Address& to, std::string why)>& report);

}  // namespace sidetone::net
