#include "net/interface_watch.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "net/burst_watch.h"

namespace sidetone::net {
namespace {

// Long enough for an address and its route to come together, short enough to save a call.
constexpr BurstRules network_burst{std::chrono::milliseconds(300), BurstRules::From::first_change};

// What the messages say does not matter, nor that some were lost (ENOBUFS): the kernel is asked afterwards.
bool empty_out(int netlink) {
  char bytes[8192];
  for (int i = 0; i < 64; ++i)
    if (::recv(netlink, bytes, sizeof bytes, MSG_DONTWAIT) <= 0) break;
  return true;
}

class NetlinkWatch final : public InterfaceWatch {
 public:
  explicit NetlinkWatch(std::shared_ptr<BurstWatch> watch) : watch_(std::move(watch)) { watch_->start(); }
  ~NetlinkWatch() override { watch_->close(); }

 private:
  std::shared_ptr<BurstWatch> watch_;
};

}  // namespace

std::unique_ptr<InterfaceWatch> InterfaceWatch::start(boost::asio::io_context& io, NetworkFacts known,
                                                      OnChange on_change) {
  Descriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups =
      RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
  if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return nullptr;
  const auto look = [known = std::move(known), on_change = std::move(on_change)]() mutable {
    auto facts = read_network_facts();
    facts.fqdn = known.fqdn;
    if (facts == known) return;
    known = facts;
    on_change(std::move(facts));
  };
  return std::make_unique<NetlinkWatch>(
      std::make_shared<BurstWatch>(io, std::move(socket), network_burst, empty_out, look));
}

}  // namespace sidetone::net
