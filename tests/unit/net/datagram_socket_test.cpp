#include "net/datagram_socket.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <map>
#include <vector>

#include "net/socket.h"
#include "run_until.h"

namespace sidetone::net {
namespace {

struct Endpoint {
  std::vector<std::pair<Address, std::string>> received;
  std::vector<std::pair<Address, std::string>> errors;
  std::unique_ptr<DatagramSocket> socket;

  Endpoint(boost::asio::io_context& io, std::string_view ip, int dscp = 0) {
    auto bound = DatagramSocket::bind(
        io, any_port(ip), dscp,
        [this](const Address& from, const IpAddress&, std::string bytes) {
          received.emplace_back(from, std::move(bytes));
        },
        [this](const Address& to, std::string why) { errors.emplace_back(to, std::move(why)); });
    if (bound) socket = std::move(*bound);
  }
};

std::shared_ptr<const std::string> bytes(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

class DatagramSocketTest : public testing::TestWithParam<const char*> {
 protected:
  boost::asio::io_context io_{1};
};

TEST_P(DatagramSocketTest, CarriesBothWaysWithAddresses) {
  Endpoint a(io_, GetParam()), b(io_, GetParam());
  ASSERT_TRUE(a.socket && b.socket);
  a.socket->send(b.socket->local(), bytes("ping"));
  ASSERT_TRUE(run_until(io_, [&] { return !b.received.empty(); }));
  EXPECT_EQ(b.received[0].first, a.socket->local());
  EXPECT_EQ(b.received[0].second, "ping");
  b.socket->send(b.received[0].first, bytes("pong"));
  ASSERT_TRUE(run_until(io_, [&] { return !a.received.empty(); }));
  EXPECT_EQ(a.received[0].second, "pong");
}

TEST_P(DatagramSocketTest, KeepsDatagramBordersAcrossBatches) {
  Endpoint a(io_, GetParam()), b(io_, GetParam());
  ASSERT_TRUE(a.socket && b.socket);
  for (int i = 0; i < 40; ++i) a.socket->send(b.socket->local(), bytes(std::string(i + 1, 'x')));
  a.socket->send(b.socket->local(), bytes(std::string(60000, 'y')));
  ASSERT_TRUE(run_until(io_, [&] { return b.received.size() == 41; }));
  for (std::size_t i = 0; i < 40; ++i) EXPECT_EQ(b.received[i].second.size(), i + 1);
  EXPECT_EQ(b.received[40].second, std::string(60000, 'y'));
}

// RFC 3261 §18.4: an unreachable port is reported, with the destination that failed.
TEST_P(DatagramSocketTest, ReportsUnreachablePortForItsDestination) {
  Endpoint a(io_, GetParam()), b(io_, GetParam());
  ASSERT_TRUE(a.socket && b.socket);
  Address dead;
  {
    Endpoint gone(io_, GetParam());
    dead = gone.socket->local();
  }
  a.socket->send(dead, bytes("anybody?"));
  ASSERT_TRUE(run_until(io_, [&] { return !a.errors.empty(); }));
  EXPECT_EQ(a.errors[0].first, dead);
  EXPECT_NE(a.errors[0].second.find("nobody listens"), std::string::npos) << a.errors[0].second;
}

TEST_P(DatagramSocketTest, ADeadPeerDoesNotTakeAwayASendToAnother) {
  Endpoint a(io_, GetParam()), b(io_, GetParam());
  ASSERT_TRUE(a.socket && b.socket);
  Address dead;
  {
    Endpoint gone(io_, GetParam());
    dead = gone.socket->local();
  }
  // On loopback the ICMP error is pending when the first send returns, and would fail the second.
  for (int i = 0; i < 10; ++i) {
    a.socket->send(dead, bytes("anybody?"));
    a.socket->send(b.socket->local(), bytes("you"));
  }
  ASSERT_TRUE(run_until(io_, [&] { return b.received.size() == 10 && !a.errors.empty(); }));
  for (const auto& [to, why] : a.errors) EXPECT_EQ(to, dead) << why;
}

TEST_P(DatagramSocketTest, ReportsASendThatCannotWorkLater) {
  Endpoint a(io_, GetParam());
  ASSERT_TRUE(a.socket);
  a.socket->send(a.socket->local(), bytes(std::string(70000, 'z')));
  EXPECT_TRUE(a.errors.empty()) << "send() must not call back";
  ASSERT_TRUE(run_until(io_, [&] { return !a.errors.empty(); }));
  EXPECT_EQ(a.errors[0].first, a.socket->local());
}

TEST_P(DatagramSocketTest, BusyPortNamesPortAddressAndRemedy) {
  Endpoint a(io_, GetParam());
  ASSERT_TRUE(a.socket);
  const auto port = a.socket->local().port;
  const auto second = DatagramSocket::bind(
      io_, a.socket->local(), 0, [](const Address&, const IpAddress&, std::string) {},
      [](const Address&, std::string) {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().fault, Fault::busy);
  EXPECT_EQ(second.error().layer, Layer::net);
  EXPECT_EQ(second.error().text,
            "UDP port " + std::to_string(port) + " on " + std::string(GetParam()) + " is in use");
  EXPECT_NE(second.error().remedy.find("sip_port_min"), std::string::npos);
}

TEST_P(DatagramSocketTest, RangeTakesTheNextFreePortAndSaysWhenAllAreBusy) {
  Endpoint a(io_, GetParam());
  ASSERT_TRUE(a.socket);
  const auto local = a.socket->local();
  const auto nothing = [](auto&&...) {};
  const auto last = static_cast<std::uint16_t>(std::min(65535, local.port + 20));
  const auto next = DatagramSocket::bind_range(io_, local.ip, local.port, last, 0, nothing, nothing);
  ASSERT_TRUE(next);
  EXPECT_GT((*next)->local().port, local.port);
  EXPECT_LE((*next)->local().port, last);
  const auto full = DatagramSocket::bind_range(io_, local.ip, local.port, local.port, 0, nothing, nothing);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().fault, Fault::busy);
  const auto reversed = DatagramSocket::bind_range(io_, local.ip, 6000, 5000, 0, nothing, nothing);
  ASSERT_FALSE(reversed);
  EXPECT_EQ(reversed.error().fault, Fault::range);
}

// The TOS octet or traffic class that arrives is the code point shifted past the two ECN bits.
TEST_P(DatagramSocketTest, MarksPacketsWithDscp) {
  const bool v4 = std::string_view(GetParam()).find('.') != std::string_view::npos;
  auto receiver = bind_socket(any_port(GetParam()), {Kind::udp, 0});
  ASSERT_TRUE(receiver);
  const int on = 1;
  ASSERT_EQ(::setsockopt(receiver->get(), v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_RECVTOS : IPV6_RECVTCLASS,
                         &on, sizeof on),
            0);
  Endpoint a(io_, GetParam(), 26);
  ASSERT_TRUE(a.socket);
  a.socket->send(local_address(receiver->get()), bytes("marked"));
  char data[64];
  alignas(cmsghdr) char control[128];
  iovec piece{data, sizeof data};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t got = -1;
  run_until(io_, [&] { return (got = ::recvmsg(receiver->get(), &message, MSG_DONTWAIT)) >= 0; });
  ASSERT_EQ(got, 6);
  const auto* header = CMSG_FIRSTHDR(&message);
  ASSERT_NE(header, nullptr);
  EXPECT_EQ(static_cast<int>(*CMSG_DATA(header)), 26 << 2);
}

TEST_P(DatagramSocketTest, MayBeDestroyedInItsOwnCall) {
  Endpoint a(io_, GetParam());
  ASSERT_TRUE(a.socket);
  std::unique_ptr<DatagramSocket> victim;
  int calls = 0;
  auto bound = DatagramSocket::bind(
      io_, any_port(GetParam()), 0,
      [&](const Address&, const IpAddress&, std::string) {
        ++calls;
        victim.reset();
      },
      [](const Address&, std::string) {});
  ASSERT_TRUE(bound);
  victim = std::move(*bound);
  const auto to = victim->local();
  a.socket->send(to, bytes("1"));
  a.socket->send(to, bytes("2"));
  ASSERT_TRUE(run_until(io_, [&] { return calls == 1; }));
  io_.poll();
  EXPECT_EQ(calls, 1);
}

INSTANTIATE_TEST_SUITE_P(Families, DatagramSocketTest, testing::Values("127.0.0.1", "::1"),
                         [](const auto& row) { return row.index == 0 ? "v4" : "v6"; });

TEST(DatagramSocket, AForeignAddressIsNamed) {
  boost::asio::io_context io{1};
  const auto nothing = [](auto&&...) {};
  const auto bound = DatagramSocket::bind(io, any_port("192.0.2.1"), 0, nothing, nothing);  // RFC 5737
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().fault, Fault::not_found);
  EXPECT_EQ(bound.error().text, "192.0.2.1 is not an address of this machine");
}

TEST(DatagramSocket, BothFamiliesShareAPort) {
  boost::asio::io_context io{1};
  const auto nothing = [](auto&&...) {};
  const auto v6 = DatagramSocket::bind(io, any_port("::"), 0, nothing, nothing);
  ASSERT_TRUE(v6);
  const auto v4 = DatagramSocket::bind(io, {IpAddress::parse("0.0.0.0").value(), (*v6)->local().port}, 0,
                                       nothing, nothing);
  // Another program may hold just that IPv4 port; only our own IPv6 socket must not be the reason.
  if (!v4) EXPECT_EQ(v4.error().fault, Fault::busy);
}

TEST(DatagramSocket, DscpOutsideItsSixBitsIsRefused) {
  boost::asio::io_context io{1};
  const auto nothing = [](auto&&...) {};
  for (const int dscp : {-1, 64, 184}) {
    const auto bound = DatagramSocket::bind(io, any_port("127.0.0.1"), dscp, nothing, nothing);
    ASSERT_FALSE(bound);
    EXPECT_EQ(bound.error().fault, Fault::range);
  }
}

}  // namespace
}  // namespace sidetone::net
