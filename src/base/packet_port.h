// A pair of RTP and RTCP ports, as the media thread sees it. net/ makes real ones (rtp_io.h), tests make
// their own; media knows only this.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/address.h"
#include "base/time.h"

namespace sidetone {

struct PacketIn {
  std::span<const std::uint8_t> bytes;
  Address from;
  bool rtcp = false;
  Duration waited{0};  // since it came from the network: ports are read when the sound is needed
};
struct PacketOut {
  std::span<const std::uint8_t> bytes;
  Address to;
  bool rtcp = false;
};

// Where packets lie while they are looked at. One serves all ports of a thread.
struct PacketBatch {
  static constexpr std::size_t packets_max = 16;
  // Above any MTU that a conversation meets; longer datagrams are dropped.
  static constexpr std::size_t bytes_max = 2048;
  std::array<std::array<std::uint8_t, bytes_max>, packets_max> bytes;
  std::array<PacketIn, packets_max> packets;
};

// Which of the two has something.
struct ReadablePorts {
  bool rtp = true, rtcp = true;
};

class PacketPort {
 public:
  virtual ~PacketPort() = default;
  [[nodiscard]] virtual std::uint16_t rtp_port() const = 0;
  [[nodiscard]] virtual std::array<int, 2> descriptors() const = 0;  // RTP, RTCP: for epoll; -1: none
  // What waits now, as far as the batch holds it; the views live until it is used again. Never blocks, never
  // allocates.
  virtual std::span<const PacketIn> receive(PacketBatch& batch, ReadablePorts readable) = 0;
  virtual void send(std::span<const PacketOut> packets) = 0;
  [[nodiscard]] virtual std::uint64_t send_failures() const = 0;
  // From here on only these hosts' packets are wanted; empty: everybody's. A wish: who cannot filter goes on.
  virtual void admit_only(std::span<const IpAddress> hosts) { static_cast<void>(hosts); }
};

}  // namespace sidetone
