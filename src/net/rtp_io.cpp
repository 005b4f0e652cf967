#include "net/rtp_io.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "net/socket.h"
#include "net/source_filter.h"

namespace sidetone::net {
namespace {

// RTCP goes first but may take no more than this share of a batch: a flood of it must not silence a call.
constexpr std::size_t rtcp_share = 4;
constexpr std::size_t sent_at_once_max = 8;

// Both lie on the stack: a call must not keep what only its moment of sending needs.
struct ReceiveSlots {
  static constexpr std::size_t size = PacketBatch::packets_max;
  std::array<SystemAddress, size> from;
  std::array<iovec, size> pieces;
  struct alignas(cmsghdr) Control {
    std::array<char, CMSG_SPACE(sizeof(timespec))> bytes;
  };
  std::array<Control, size> controls;
  std::array<mmsghdr, size> messages;
};
struct SendSlots {
  std::array<SystemAddress, sent_at_once_max> to;
  std::array<iovec, sent_at_once_max> pieces;
  std::array<mmsghdr, sent_at_once_max> messages;
};

// What the system noted when the packet came, on the clock that people set: good for differences only.
std::optional<Duration> arrival_of(msghdr& message) {
  for (auto* control = CMSG_FIRSTHDR(&message); control != nullptr;
       control = CMSG_NXTHDR(&message, control)) {
    if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec time{};
    std::memcpy(&time, CMSG_DATA(control), sizeof time);
    return Duration{std::int64_t{time.tv_sec} * 1000000 + time.tv_nsec / 1000};
  }
  return std::nullopt;
}

Duration wall_clock() {
  timespec time{};
  ::clock_gettime(CLOCK_REALTIME, &time);
  return Duration{std::int64_t{time.tv_sec} * 1000000 + time.tv_nsec / 1000};
}

// Ports are read each 10 ms while a call is. More is a step of the wall clock.
Duration plausible(Duration waited) {
  constexpr Duration waited_max = std::chrono::milliseconds{100};
  return waited < Duration{0} || waited > waited_max ? Duration{0} : waited;
}

class RtpPorts final : public PacketPort {
 public:
  RtpPorts(Descriptor rtp, Descriptor rtcp)
      : port_(local_address(rtp.get()).port), rtp_(std::move(rtp)), rtcp_(std::move(rtcp)) {
    // A system that does not know it leaves packets without: they count as come when they are read.
    constexpr int on = 1;
    for (const int fd : {rtp_.get(), rtcp_.get()})
      static_cast<void>(::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on));
  }

  [[nodiscard]] std::uint16_t rtp_port() const override { return port_; }
  [[nodiscard]] std::array<int, 2> descriptors() const override { return {rtp_.get(), rtcp_.get()}; }
  [[nodiscard]] std::uint64_t send_failures() const override { return send_failures_; }

  void admit_only(std::span<const IpAddress> hosts) override {
    for (const int fd : descriptors()) net::admit_only(fd, hosts);
  }

  std::span<const PacketIn> receive(PacketBatch& batch, ReadablePorts readable) override {
    std::size_t count = 0;
    if (readable.rtcp) count = receive_from(rtcp_.get(), true, batch, 0, rtcp_share);
    if (readable.rtp) count = receive_from(rtp_.get(), false, batch, count, batch.packets_max - count);
    return std::span(batch.packets).first(count);
  }

  void send(std::span<const PacketOut> packets) override {
    while (!packets.empty()) {
      // One call per run of packets for the same socket.
      const bool rtcp = packets.front().rtcp;
      std::size_t count = 0;
      while (count < packets.size() && count < sent_at_once_max && packets[count].rtcp == rtcp) ++count;
      send_run(rtcp ? rtcp_.get() : rtp_.get(), packets.first(count));
      packets = packets.subspan(count);
    }
  }

 private:
  // From place `first` of the batch on; returns where what came ends.
  static std::size_t receive_from(int fd, bool rtcp, PacketBatch& batch, std::size_t first,
                                  std::size_t room) {
    ReceiveSlots slots;
    for (std::size_t i = 0; i < room; ++i) {
      slots.pieces[i] = {batch.bytes[first + i].data(), PacketBatch::bytes_max};
      auto& header = slots.messages[i].msg_hdr;
      header = {};
      header.msg_name = &slots.from[i];
      header.msg_namelen = sizeof slots.from[i];
      header.msg_iov = &slots.pieces[i];
      header.msg_iovlen = 1;
      header.msg_control = slots.controls[i].bytes.data();
      header.msg_controllen = slots.controls[i].bytes.size();
    }
    const int count =
        ::recvmmsg(fd, slots.messages.data(), static_cast<unsigned>(room), MSG_DONTWAIT, nullptr);
    const auto now = count > 0 ? wall_clock() : Duration{0};
    auto place = first;
    for (std::size_t i = 0; std::cmp_less(i, count); ++i) {
      auto& message = slots.messages[i];
      if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0) continue;
      const auto arrival = arrival_of(message.msg_hdr);
      batch.packets[place++] = {std::span(batch.bytes[first + i]).first(message.msg_len),
                                from_system(slots.from[i]), rtcp,
                                arrival ? plausible(now - *arrival) : Duration{0}};
    }
    return place;
  }

  void send_run(int fd, std::span<const PacketOut> packets) {
    SendSlots slots;
    for (std::size_t i = 0; i < packets.size(); ++i) {
      // sendmsg only reads through the pointer that its structure declares mutable.
      slots.pieces[i] = {const_cast<std::uint8_t*>(packets[i].bytes.data()), packets[i].bytes.size()};
      auto& header = slots.messages[i].msg_hdr;
      header = {};
      header.msg_namelen = to_system(packets[i].to, slots.to[i]);
      header.msg_name = &slots.to[i];
      header.msg_iov = &slots.pieces[i];
      header.msg_iovlen = 1;
    }
    std::size_t done = 0;
    while (done < packets.size()) {
      const int sent =
          ::sendmmsg(fd, &slots.messages[done], static_cast<unsigned>(packets.size() - done), MSG_DONTWAIT);
      if (sent > 0) {
        done += static_cast<std::size_t>(sent);
      } else {  // the first of the rest failed: real-time audio does not wait for it
        ++send_failures_;
        ++done;
      }
    }
  }

  std::uint16_t port_;
  Descriptor rtp_, rtcp_;
  std::uint64_t send_failures_ = 0;
};

struct Pair {
  Descriptor rtp, rtcp;
};

// An empty pair when one of the two ports is taken.
Expected<Pair> try_pair(const IpAddress& ip, std::uint16_t port, int dscp) {
  Pair pair;
  for (const auto socket : {&pair.rtp, &pair.rtcp}) {
    auto opened = open_socket(ip.family, {Kind::udp, dscp});
    if (!opened) return tl::make_unexpected(std::move(opened.error()));
    const Address local{ip, static_cast<std::uint16_t>(socket == &pair.rtp ? port : port + 1)};
    const int error = try_bind(opened->get(), local);
    if (error == EADDRINUSE) return Pair{};
    if (error != 0) return tl::make_unexpected(bind_error(Kind::udp, local, error, "rtp_port_min"));
    *socket = std::move(*opened);
  }
  return pair;
}

}  // namespace

Expected<std::unique_ptr<PacketPort>> open_rtp_io(const IpAddress& local, std::uint16_t port_min,
                                                  std::uint16_t port_max, int dscp, std::uint64_t start) {
  const int first = std::max(2, port_min + port_min % 2);  // even ports; port 0 would be any
  const int pairs = first < port_max ? (port_max - first + 1) / 2 : 0;
  if (pairs == 0)
    return fail(Layer::net, Fault::range,
                fmt::format("RTP ports {}-{} hold no even port with its next", port_min, port_max),
                "widen rtp_port_min and rtp_port_max");
  for (int i = 0; i < pairs; ++i) {
    const auto place =
        static_cast<int>((start + static_cast<std::uint64_t>(i)) % static_cast<std::uint64_t>(pairs));
    auto pair = try_pair(local, static_cast<std::uint16_t>(first + 2 * place), dscp);
    if (!pair) return tl::make_unexpected(std::move(pair.error()));
    if (pair->rtcp) return std::make_unique<RtpPorts>(std::move(pair->rtp), std::move(pair->rtcp));
  }
  return fail(Layer::net, Fault::busy,
              fmt::format("RTP ports {}-{} on {} are all in use", port_min, port_max, local.to_string()),
              "widen rtp_port_min and rtp_port_max, or stop the programs that hold them");
}

}  // namespace sidetone::net
