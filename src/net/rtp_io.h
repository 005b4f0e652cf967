// RTP and RTCP port pairs: plain non-blocking sockets, batched system calls (recvmmsg, sendmmsg), no Asio,
// no allocation after open().
#pragma once

#include <memory>

#include "base/expected.h"
#include "base/packet_port.h"

namespace sidetone::net {

// An even port and the next (RFC 3550 §11) in [port_min, port_max], looking first at a place that `start`
// chooses. Fault::busy names the range when it is exhausted.
Expected<std::unique_ptr<PacketPort>> open_rtp_io(const IpAddress& local, std::uint16_t port_min,
                                                  std::uint16_t port_max, int dscp, std::uint64_t start);

}  // namespace sidetone::net
