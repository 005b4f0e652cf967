#include "net/rtp_io.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "base/assert.h"
#include "net/socket.h"
#include "net/source_filter.h"

namespace sidetone::net {
namespace {

constexpr std::size_t batch = 32;
// RTCP goes first but may take no more than this share of a batch: a flood of it must not silence a call.
constexpr std::size_t rtcp_share = 4;
// Above any MTU that a conversation meets; longer datagrams are truncated by the kernel and dropped here.
constexpr std::size_t packet_max = 2048;

struct Slots {
  std::uint8_t bytes[batch][packet_max];
  SystemAddress from[batch];
  iovec pieces[batch];
  mmsghdr messages[batch];
};
struct SendSlots {
  SystemAddress to[batch];
  iovec pieces[batch];
  mmsghdr messages[batch];
};

class RtpPorts final : public PacketPort {
 public:
  RtpPorts(Descriptor rtp, Descriptor rtcp)
      : port_(local_address(rtp.get()).port),
        rtp_(std::move(rtp)),
        rtcp_(std::move(rtcp)),
        in_(std::make_unique<Slots>()) {}

  [[nodiscard]] std::uint16_t rtp_port() const override { return port_; }
  [[nodiscard]] std::array<int, 2> descriptors() const override { return {rtp_.get(), rtcp_.get()}; }
  [[nodiscard]] std::uint64_t send_failures() const override { return send_failures_; }

  void admit_only(std::span<const IpAddress> hosts) override {
    for (const int fd : descriptors()) net::admit_only(fd, hosts);
  }

  std::span<const PacketIn> receive() override {
    packets_ = 0;
    receive_from(rtcp_.get(), true, 0, rtcp_share);
    const auto used = packets_;
    receive_from(rtp_.get(), false, used, batch - used);
    return {views_.data(), packets_};
  }

  void send(std::span<const PacketOut> packets) override {
    while (!packets.empty()) {
      // One call per run of packets for the same socket.
      const bool rtcp = packets.front().rtcp;
      std::size_t count = 0;
      while (count < packets.size() && count < batch && packets[count].rtcp == rtcp) ++count;
      send_run(rtcp ? rtcp_.get() : rtp_.get(), packets.first(count));
      packets = packets.subspan(count);
    }
  }

 private:
  void receive_from(int fd, bool rtcp, std::size_t first, std::size_t room) {
    for (std::size_t i = first; i < first + room; ++i) {
      in_->pieces[i] = {in_->bytes[i], packet_max};
      auto& header = in_->messages[i].msg_hdr;
      header = {};
      header.msg_name = &in_->from[i];
      header.msg_namelen = sizeof in_->from[i];
      header.msg_iov = &in_->pieces[i];
      header.msg_iovlen = 1;
    }
    const int count =
        ::recvmmsg(fd, &in_->messages[first], static_cast<unsigned>(room), MSG_DONTWAIT, nullptr);
    for (int n = 0; n < count; ++n) {
      const auto i = first + static_cast<std::size_t>(n);
      const auto& message = in_->messages[i];
      if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0) continue;
      views_[packets_++] = {{in_->bytes[i], message.msg_len}, from_system(in_->from[i]), rtcp};
    }
  }

  void send_run(int fd, std::span<const PacketOut> packets) {
    for (std::size_t i = 0; i < packets.size(); ++i) {
      // sendmsg only reads through the pointer that its structure declares mutable.
      out_.pieces[i] = {const_cast<std::uint8_t*>(packets[i].bytes.data()), packets[i].bytes.size()};
      auto& header = out_.messages[i].msg_hdr;
      header = {};
      header.msg_namelen = to_system(packets[i].to, out_.to[i]);
      header.msg_name = &out_.to[i];
      header.msg_iov = &out_.pieces[i];
      header.msg_iovlen = 1;
    }
    std::size_t done = 0;
    while (done < packets.size()) {
      const int sent =
          ::sendmmsg(fd, &out_.messages[done], static_cast<unsigned>(packets.size() - done), MSG_DONTWAIT);
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
  std::unique_ptr<Slots> in_;
  SendSlots out_{};
  std::array<PacketIn, batch> views_{};
  std::size_t packets_ = 0;
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
