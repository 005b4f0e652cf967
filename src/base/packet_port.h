// A pair of RTP and RTCP ports, as the media thread sees it. net/ makes real ones (rtp_io.h), tests make
// their own; media knows only this.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/address.h"

namespace sidetone {

struct PacketIn {
  std::span<const std::uint8_t> bytes;
  Address from;
  bool rtcp = false;
};
struct PacketOut {
  std::span<const std::uint8_t> bytes;
  Address to;
  bool rtcp = false;
};

class PacketPort {
 public:
  virtual ~PacketPort() = default;
  [[nodiscard]] virtual std::uint16_t rtp_port() const = 0;
  [[nodiscard]] virtual std::array<int, 2> descriptors() const = 0;  // RTP, RTCP: for poll(); -1: none
  // Up to 32 packets that wait now; the views live until the next call. Never blocks, never allocates.
  virtual std::span<const PacketIn> receive() = 0;
  virtual void send(std::span<const PacketOut> packets) = 0;
  [[nodiscard]] virtual std::uint64_t send_failures() const = 0;
  // From here on only these hosts' packets are wanted; empty: everybody's. A wish: who cannot filter goes on.
  virtual void admit_only(std::span<const IpAddress> hosts) { static_cast<void>(hosts); }
};

}  // namespace sidetone
