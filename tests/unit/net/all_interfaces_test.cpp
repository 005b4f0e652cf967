// A socket on all interfaces (sip_port_binding=0) still knows which address was meant, and answers from it.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/socket.h>

#include <cstring>
#include <optional>

#include "net/datagram_socket.h"
#include "net/interface_watch.h"
#include "net/socket.h"
#include "run_until.h"

namespace sidetone::net {
namespace {

using Family = IpAddress::Family;

std::shared_ptr<const std::string> bytes(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

struct Told {
  Address from;
  IpAddress at;
};

std::unique_ptr<DatagramSocket> open(boost::asio::io_context& io, std::string_view ip,
                                     std::optional<Told>& told) {
  auto bound = DatagramSocket::bind(
      io, any_port(ip), 0,
      [&told](const Address& from, const IpAddress& at, std::string) { told = Told{from, at}; },
      [](const Address&, std::string) {});
  EXPECT_TRUE(bound) << (bound ? "" : bound.error().text);
  return bound ? std::move(*bound) : nullptr;
}

struct Row {
  const char* all;
  const char* mine;
  const char* peer;
};
class AllInterfaces : public testing::TestWithParam<Row> {};

TEST_P(AllInterfaces, KnowsWhereADatagramCameToAndAnswersFromThere) {
  boost::asio::io_context io{1};
  std::optional<Told> heard, answered;
  const auto ours = open(io, GetParam().all, heard), theirs = open(io, GetParam().peer, answered);
  ASSERT_TRUE(ours && theirs);
  const auto mine = IpAddress::parse(GetParam().mine).value();
  theirs->send({mine, ours->local().port}, bytes("to that address"));
  ASSERT_TRUE(run_until(io, [&] { return heard.has_value(); }));
  EXPECT_EQ(heard->at, mine);
  EXPECT_EQ(heard->from, theirs->local());
  ours->send(heard->from, bytes("from it"), heard->at);
  ASSERT_TRUE(run_until(io, [&] { return answered.has_value(); }));
  EXPECT_EQ(answered->from, (Address{mine, ours->local().port}));
}

INSTANTIATE_TEST_SUITE_P(Families, AllInterfaces,
                         testing::Values(Row{"0.0.0.0", "127.0.0.1", "127.0.0.1"},
                                         Row{"0.0.0.0", "127.0.0.7", "127.0.0.1"},  // not the route's choice
                                         Row{"::", "::1", "::1"}));

// Link-local addresses work with their zone only (RFC 4007 §6), which comes from the facts.
TEST(LinkLocal, TheZoneGoesAllTheWay) {
  std::optional<IpAddress> ip;
  for (const auto& own : read_network_facts().addresses())
    if (!own.is_v4() && own.is_link_local()) ip = own;
  if (!ip) GTEST_SKIP() << "no IPv6 link-local address here";
  EXPECT_NE(ip->zone, 0U);
  boost::asio::io_context io{1};
  std::optional<Told> heard;
  const auto on_receive = [&heard](const Address& from, const IpAddress& at, std::string) {
    heard = Told{from, at};
  };
  const auto socket = DatagramSocket::bind(io, {*ip, 0}, 0, on_receive, [](const Address&, std::string) {});
  if (!socket) GTEST_SKIP() << socket.error().text;
  (*socket)->send((*socket)->local(), bytes("to ourselves"));
  ASSERT_TRUE(run_until(io, [&] { return heard.has_value(); }));
  EXPECT_EQ(heard->from, (*socket)->local());
  EXPECT_EQ(heard->from.ip.zone, ip->zone);
  EXPECT_EQ(heard->from.ip.to_string().find('%'), std::string::npos);
}

// signaling_qos: the mark that a peer receives is the one that was set (RFC 2474 §3).
class Marked : public testing::TestWithParam<const char*> {};

TEST_P(Marked, ADatagramArrivesWithItsCodePoint) {
  constexpr int dscp = 24;  // CS3
  const auto ip = IpAddress::parse(GetParam()).value();
  auto receiver = open_socket(ip.family, {});
  ASSERT_TRUE(receiver);
  ASSERT_EQ(try_bind(receiver->get(), {ip, 0}), 0);
  const int on = 1;
  if (ip.is_v4())
    ASSERT_EQ(::setsockopt(receiver->get(), IPPROTO_IP, IP_RECVTOS, &on, sizeof on), 0);
  else
    ASSERT_EQ(::setsockopt(receiver->get(), IPPROTO_IPV6, IPV6_RECVTCLASS, &on, sizeof on), 0);
  boost::asio::io_context io{1};
  const auto sender = DatagramSocket::bind(
      io, {ip, 0}, dscp, [](const Address&, const IpAddress&, std::string) {},
      [](const Address&, std::string) {});
  ASSERT_TRUE(sender);
  (*sender)->send(local_address(receiver->get()), bytes("marked"));
  char data[16], control[64];
  iovec piece{data, sizeof data};
  msghdr header{};
  header.msg_iov = &piece;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  ASSERT_TRUE(run_until(io, [&] { return ::recvmsg(receiver->get(), &header, MSG_DONTWAIT) > 0; }));
  int seen = -1;
  for (auto* at = CMSG_FIRSTHDR(&header); at != nullptr; at = CMSG_NXTHDR(&header, at)) {
    if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_TOS) seen = *CMSG_DATA(at);
    if (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_TCLASS)
      std::memcpy(&seen, CMSG_DATA(at), sizeof seen);
  }
  EXPECT_EQ(seen, dscp << 2);
}

TEST_P(Marked, TcpSocketsOfBothSidesCarryIt) {
  constexpr int dscp = 40;
  const auto ip = IpAddress::parse(GetParam()).value();
  const auto mark_of = [&](int fd) {
    int value = -1;
    socklen_t length = sizeof value;
    if (ip.is_v4())
      static_cast<void>(::getsockopt(fd, IPPROTO_IP, IP_TOS, &value, &length));
    else
      static_cast<void>(::getsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &value, &length));
    return value & 0xfc;  // the two lowest bits are the kernel's (ECN)
  };
  const auto listener = bind_socket({ip, 0}, {Kind::tcp, dscp, true});
  ASSERT_TRUE(listener);
  ASSERT_EQ(::listen(listener->get(), 1), 0);
  const auto client = open_socket(ip.family, {Kind::tcp, dscp});
  ASSERT_TRUE(client);
  SystemAddress to;
  const auto length = to_system(local_address(listener->get()), to);
  static_cast<void>(::connect(client->get(), &to.any, length));
  int accepted = -1;
  boost::asio::io_context io{1};
  ASSERT_TRUE(run_until(io, [&] { return (accepted = ::accept(listener->get(), nullptr, nullptr)) >= 0; }));
  const Descriptor served(accepted);
  EXPECT_EQ(mark_of(client->get()), dscp << 2);
  EXPECT_EQ(mark_of(listener->get()), dscp << 2);
  EXPECT_EQ(mark_of(served.get()), dscp << 2);  // inherited
}

INSTANTIATE_TEST_SUITE_P(Families, Marked, testing::Values("127.0.0.1", "::1"));

TEST(InterfaceWatch, IsQuietWhileNothingChanges) {
  boost::asio::io_context io{1};
  int told = 0;
  const auto watch = InterfaceWatch::start(io, read_network_facts(), [&](const NetworkFacts&) { ++told; });
  ASSERT_TRUE(watch);
  EXPECT_EQ(io.poll(), 0U);
  EXPECT_EQ(told, 0);
}

}  // namespace
}  // namespace sidetone::net
