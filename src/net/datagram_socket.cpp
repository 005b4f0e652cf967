#include "net/datagram_socket.h"

#include <fmt/format.h>
#include <netinet/ip.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>
#include <vector>

#include "net/icmp_errors.h"
#include "net/packet_info.h"
#include "net/socket.h"

namespace sidetone::net {
namespace {

namespace asio = boost::asio;

constexpr int batch = 8;                      // datagrams per system call
constexpr std::size_t datagram_max = 0xffff;  // the UDP length field's

// Half a megabyte of address space of which only pages that a datagram was written to become memory.
struct ReceiveBatch {
  char bytes[batch][datagram_max];
  SystemAddress from[batch];
  PacketInfo info[batch];
  iovec pieces[batch];
  mmsghdr messages[batch];

  int receive(int fd, bool with_info) {
    for (int i = 0; i < batch; ++i) {
      pieces[i] = {bytes[i], datagram_max};
      auto& header = messages[i].msg_hdr;
      header = {};
      header.msg_name = &from[i];
      header.msg_namelen = sizeof from[i];
      header.msg_iov = &pieces[i];
      header.msg_iovlen = 1;
      if (with_info) info[i].attach(header);
    }
    return ::recvmmsg(fd, messages, batch, MSG_DONTWAIT, nullptr);
  }
};

// Lives as long as a handler in the io_context refers to it; closed when its UdpSocket goes.
class UdpState : public std::enable_shared_from_this<UdpState> {
 public:
  UdpState(asio::io_context& io, Descriptor socket, DatagramSocket::OnReceive on_receive,
           DatagramSocket::OnError on_error)
      : local_(local_address(socket.get())),
        descriptor_(io, socket.release()),
        batch_(std::make_unique_for_overwrite<ReceiveBatch>()),
        on_all_(local_.ip.is_unspecified()),
        on_receive_(std::move(on_receive)),
        on_error_(std::move(on_error)) {}

  [[nodiscard]] const Address& local() const { return local_; }

  void wait() {
    descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                           [self = shared_from_this()](const boost::system::error_code& error) {
                             if (!error && self->descriptor_.is_open()) self->readable();
                           });
  }

  void send(const Address& to, const std::string& bytes, const IpAddress& from) {
    if (!descriptor_.is_open()) return;
    int error = send_once(to, bytes, from);
    if (error != 0 && error != EAGAIN) {
      // An ICMP error that waits makes the next send fail, whatever its destination: take it out, try again.
      drain_icmp_errors(descriptor_.native_handle(), [this](const Address& failed, std::string why) {
        report_later(failed, std::move(why));
      });
      error = send_once(to, bytes, from);
    }
    // A full send buffer loses the datagram as a full router would: the sender's retransmission repairs it.
    if (error != 0 && error != EAGAIN)
      report_later(to, fmt::format("UDP {}: {}", to.to_string(), error_text(error)));
  }

  void close() {
    boost::system::error_code ignored;
    descriptor_.close(ignored);
  }

 private:
  int send_once(const Address& to, const std::string& bytes, const IpAddress& from) {
    SystemAddress address;
    iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
    msghdr header{};
    header.msg_name = &address;
    header.msg_namelen = to_system(to, address);
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    PacketInfo info;
    if (on_all_ && !from.is_unspecified()) info.set_source(header, from);
    return ::sendmsg(descriptor_.native_handle(), &header, MSG_DONTWAIT) >= 0 ? 0 : errno;
  }

  // send() is called in the middle of its caller's work; errors come back as an event of their own.
  void report_later(const Address& to, std::string why) {
    asio::post(descriptor_.get_executor(), [self = shared_from_this(), to, why = std::move(why)]() mutable {
      if (self->descriptor_.is_open()) self->on_error_(to, std::move(why));
    });
  }

  void readable() {
    const int fd = descriptor_.native_handle();
    int count = batch_->receive(fd, on_all_);
    if (count <= 0) {  // a pending ICMP error hides datagrams behind it
      drain_icmp_errors(fd, [this](const Address& to, std::string why) {
        if (descriptor_.is_open()) on_error_(to, std::move(why));
      });
      if (!descriptor_.is_open()) return;
      count = batch_->receive(fd, on_all_);
    }
    for (int i = 0; i < count && descriptor_.is_open(); ++i)
      on_receive_(
          from_system(batch_->from[i]),
          on_all_ ? PacketInfo::destination(batch_->messages[i].msg_hdr).value_or(local_.ip) : local_.ip,
          std::string(batch_->bytes[i], batch_->messages[i].msg_len));
    if (descriptor_.is_open()) wait();  // fires at once when more is there
  }

  Address local_;
  asio::posix::stream_descriptor descriptor_;
  std::unique_ptr<ReceiveBatch> batch_;
  bool on_all_;
  DatagramSocket::OnReceive on_receive_;
  DatagramSocket::OnError on_error_;
};

class UdpSocket final : public DatagramSocket {
 public:
  explicit UdpSocket(std::shared_ptr<UdpState> state) : state_(std::move(state)) { state_->wait(); }
  ~UdpSocket() override { state_->close(); }
  [[nodiscard]] Address local() const override { return state_->local(); }
  void send(const Address& to, std::shared_ptr<const std::string> bytes, const IpAddress& from) override {
    state_->send(to, *bytes, from);
  }

 private:
  std::shared_ptr<UdpState> state_;
};

std::unique_ptr<DatagramSocket> start(asio::io_context& io, Descriptor socket, IpAddress::Family family,
                                      DatagramSocket::OnReceive on_receive,
                                      DatagramSocket::OnError on_error) {
  enable_icmp_errors(socket.get(), family);
  if (local_address(socket.get()).ip.is_unspecified()) PacketInfo::enable(socket.get(), family);
  return std::make_unique<UdpSocket>(
      std::make_shared<UdpState>(io, std::move(socket), std::move(on_receive), std::move(on_error)));
}

}  // namespace

Expected<std::unique_ptr<DatagramSocket>> DatagramSocket::bind(asio::io_context& io, const Address& local,
                                                               int dscp, OnReceive on_receive,
                                                               OnError on_error) {
  auto socket = bind_socket(local, {Kind::udp, dscp});
  if (!socket) return tl::make_unexpected(std::move(socket.error()));
  return start(io, std::move(*socket), local.ip.family, std::move(on_receive), std::move(on_error));
}

Expected<std::unique_ptr<DatagramSocket>> DatagramSocket::bind_range(asio::io_context& io,
                                                                     const IpAddress& ip,
                                                                     std::uint16_t port_min,
                                                                     std::uint16_t port_max, int dscp,
                                                                     OnReceive on_receive, OnError on_error) {
  if (port_min > port_max)
    return fail(Layer::net, Fault::range,
                fmt::format("ports {}-{}: the first is above the last", port_min, port_max));
  auto socket = open_socket(ip.family, {Kind::udp, dscp});
  if (!socket) return tl::make_unexpected(std::move(socket.error()));
  for (int port = port_min; port <= port_max; ++port) {
    const Address local{ip, static_cast<std::uint16_t>(port)};
    const int error = try_bind(socket->get(), local);
    if (error == 0)
      return start(io, std::move(*socket), ip.family, std::move(on_receive), std::move(on_error));
    if (error != EADDRINUSE || port_min == port_max)
      return tl::make_unexpected(bind_error(Kind::udp, local, error, "sip_port_min"));
  }
  return fail(Layer::net, Fault::busy,
              fmt::format("UDP ports {}-{} on {} are all in use", port_min, port_max, ip.to_string()),
              "choose another sip_port_min and sip_port_max, or stop the programs that hold them");
}

}  // namespace sidetone::net
