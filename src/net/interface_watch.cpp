#include "net/interface_watch.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "net/socket.h"

namespace sidetone::net {
namespace {

namespace asio = boost::asio;

// Long enough for an address and its route to come together, short enough to save a call.
constexpr auto burst_max = std::chrono::milliseconds(300);

class WatchState : public std::enable_shared_from_this<WatchState> {
 public:
  WatchState(asio::io_context& io, Descriptor socket, NetworkFacts known, InterfaceWatch::OnChange on_change)
      : descriptor_(io, socket.release()),
        settle_(io),
        known_(std::move(known)),
        on_change_(std::move(on_change)) {}

  void wait() {
    descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                           [self = shared_from_this()](const boost::system::error_code& error) {
                             if (!error && self->descriptor_.is_open()) self->readable();
                           });
  }
  void close() {
    boost::system::error_code ignored;
    descriptor_.close(ignored);
    settle_.cancel();
  }

 private:
  // What the messages say does not matter, nor that some were lost (ENOBUFS): the kernel is asked afterwards.
  void readable() {
    char bytes[8192];
    for (int i = 0; i < 64; ++i)
      if (::recv(descriptor_.native_handle(), bytes, sizeof bytes, MSG_DONTWAIT) <= 0) break;
    wait();
    if (settling_) return;
    settling_ = true;
    settle_.expires_after(burst_max);
    settle_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (!error && self->descriptor_.is_open()) self->look();
    });
  }

  void look() {
    settling_ = false;
    auto facts = read_network_facts();
    facts.fqdn = known_.fqdn;
    if (facts == known_) return;
    known_ = facts;
    on_change_(std::move(facts));
  }

  asio::posix::stream_descriptor descriptor_;
  asio::steady_timer settle_;
  NetworkFacts known_;
  InterfaceWatch::OnChange on_change_;
  bool settling_ = false;
};

class NetlinkWatch final : public InterfaceWatch {
 public:
  explicit NetlinkWatch(std::shared_ptr<WatchState> state) : state_(std::move(state)) { state_->wait(); }
  ~NetlinkWatch() override { state_->close(); }

 private:
  std::shared_ptr<WatchState> state_;
};

}  // namespace

std::unique_ptr<InterfaceWatch> InterfaceWatch::start(asio::io_context& io, NetworkFacts known,
                                                      OnChange on_change) {
  Descriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups =
      RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
  if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return nullptr;
  return std::make_unique<NetlinkWatch>(
      std::make_shared<WatchState>(io, std::move(socket), std::move(known), std::move(on_change)));
}

}  // namespace sidetone::net
