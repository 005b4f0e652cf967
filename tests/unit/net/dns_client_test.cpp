#include <chrono>

#include "net/dns_client.h"

#include <gtest/gtest.h>

#include "net/datagram_socket.h"

namespace sidetone::net {
namespace {

struct Asked {
  bool done = false;
  DnsReply reply;
};

DnsReply ask(boost::asio::io_context& io, DnsClient& dns, const std::string& name, std::uint16_t type) {
  auto asked = std::make_shared<Asked>();
  dns.ask(name, type, [asked](DnsReply reply) { *asked = {true, std::move(reply)}; });
  EXPECT_FALSE(asked->done) << "never from inside ask()";
  for (int i = 0; i < 200 && !asked->done; ++i) {
    if (io.stopped()) io.restart();
    io.run_one_for(std::chrono::milliseconds(100));
  }
  EXPECT_TRUE(asked->done) << name;
  return asked->reply;
}

// A name server that says nothing.
std::unique_ptr<DatagramSocket> silence(boost::asio::io_context& io) {
  return DatagramSocket::bind(
             io, {IpAddress::loopback_v4(), 0}, 0,
             [](const Address&, const IpAddress&, const std::string&) {},
             [](const Address&, const std::string&) {})
      .value();
}

TEST(DnsClient, LocalhostComesFromTheHostsFile) {  // RFC 6761 §6.3
  boost::asio::io_context io;
  DnsClient dns(io, {.servers = {*Address::parse("127.0.0.1:1", 53)}});
  const auto reply = ask(io, dns, "localhost", 1);
  ASSERT_EQ(reply.kind, DnsReply::Kind::addresses);
  EXPECT_TRUE(reply.addresses.at(0).is_loopback());
  EXPECT_EQ(ask(io, dns, "_sip._udp.localhost", 33).kind, DnsReply::Kind::no_name);
}

TEST(DnsClient, ASilentServerIsNamedWithTheTime) {
  boost::asio::io_context io;
  const auto server = silence(io);
  DnsClient dns(io, {.servers = {server->local()}, .timeout_ms = 300});
  const auto reply = ask(io, dns, "a.example.com", 1);
  EXPECT_EQ(reply.kind, DnsReply::Kind::no_answer);
  EXPECT_EQ(reply.text, "server " + server->local().to_string() + " did not answer within 1 s");
}

TEST(DnsClient, AServerThatIsNotThereIsSaidToBe) {
  boost::asio::io_context io;
  auto gone = silence(io);
  const auto where = gone->local();
  gone.reset();
  DnsClient dns(io, {.servers = {where}, .timeout_ms = 300});
  const auto reply = ask(io, dns, "a.example.com", 1);
  EXPECT_EQ(reply.kind, DnsReply::Kind::no_answer);
  EXPECT_NE(reply.text.find(where.to_string()), std::string::npos) << reply.text;
}

TEST(DnsClient, NobodyIsCalledAfterItsEnd) {
  boost::asio::io_context io;
  const auto server = silence(io);
  {
    DnsClient dns(io, {.servers = {server->local()}, .timeout_ms = 100});
    dns.ask("a.example.com", 1, [](const DnsReply&) { FAIL(); });
    dns.ask("localhost", 1, [](const DnsReply&) { FAIL(); });
  }
  for (int i = 0; i < 5; ++i) io.run_one_for(std::chrono::milliseconds(100));
}

TEST(DnsClient, MayBeDestroyedInItsAnswer) {
  boost::asio::io_context io;
  auto dns = std::make_unique<DnsClient>(io, DnsSettings{});
  bool called = false;
  dns->ask("localhost", 1, [&](const DnsReply&) {
    called = true;
    dns.reset();
  });
  while (!called) io.run_one_for(std::chrono::milliseconds(100));
  EXPECT_FALSE(dns);
}

TEST(DnsClient, IdleMeansNothingToDo) {
  boost::asio::io_context io;
  DnsClient dns(io, {});
  (void)ask(io, dns, "localhost", 1);
  io.restart();
  EXPECT_EQ(io.run(), 0U);  // returns at once: no timer, no socket
}

}  // namespace
}  // namespace sidetone::net
