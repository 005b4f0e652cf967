#include "net/stream_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "net/socket.h"
#include "run_until.h"

namespace sidetone::net {
namespace {

struct Peer {
  std::unique_ptr<StreamConnection> connection;
  std::optional<std::pair<Address, Address>> opened;
  std::string received;
  std::vector<std::string> closed;

  StreamConnection::Handlers handlers() {
    return {[this](const Address& local, const Address& remote) { opened = {local, remote}; },
            [this](std::string_view bytes) { received += bytes; },
            [this](std::string why) { closed.push_back(std::move(why)); }};
  }
};

std::shared_ptr<const std::string> bytes(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

class StreamSocketTest : public testing::TestWithParam<const char*> {
 protected:
  void listen() {
    auto listener = StreamListener::listen(io_, any_port(GetParam()), [this](auto connection) {
      server_.connection = std::move(connection);
      server_.connection->set_handlers(server_.handlers());
    });
    ASSERT_TRUE(listener) << listener.error().text;
    listener_ = std::move(*listener);
  }
  void connect() {
    client_.connection = StreamConnection::connect(io_, listener_->local(), 0, 0, client_.handlers());
    ASSERT_TRUE(run_until(io_, [&] { return client_.opened && server_.connection; }));
  }

  boost::asio::io_context io_{1};
  Peer client_, server_;
  std::unique_ptr<StreamListener> listener_;
};

TEST_P(StreamSocketTest, OpensAndCarriesBothWays) {
  listen();
  client_.connection = StreamConnection::connect(io_, listener_->local(), 0, 0, client_.handlers());
  EXPECT_FALSE(client_.opened) << "connect() must not call back";
  client_.connection->send(bytes("early "));  // queued until it is open
  client_.connection->send(bytes("bird"));
  ASSERT_TRUE(run_until(io_, [&] { return server_.received == "early bird"; }));
  ASSERT_TRUE(client_.opened);
  EXPECT_EQ(client_.opened->second, listener_->local());
  EXPECT_EQ(client_.opened->first, server_.connection->remote());
  EXPECT_EQ(client_.connection->local(), server_.connection->remote());
  EXPECT_EQ(server_.connection->local(), listener_->local());
  server_.connection->send(bytes("worm"));
  ASSERT_TRUE(run_until(io_, [&] { return client_.received == "worm"; }));
}

TEST_P(StreamSocketTest, CarriesMoreThanTheKernelBuffers) {
  listen();
  connect();
  const std::string part(100000, 'p');
  std::string expected;
  for (int i = 0; i < 10; ++i) {
    client_.connection->send(bytes(part + static_cast<char>('0' + i)));
    expected += part + static_cast<char>('0' + i);
  }
  ASSERT_TRUE(run_until(io_, [&] { return server_.received.size() >= expected.size(); }));
  EXPECT_EQ(server_.received, expected);
}

TEST_P(StreamSocketTest, ClosesWhenThePeerDoesNotRead) {
  auto mute = bind_socket(any_port(GetParam()), {Kind::tcp});
  ASSERT_TRUE(mute);
  ASSERT_EQ(::listen(mute->get(), 1), 0);  // the kernel accepts, nobody reads
  client_.connection = StreamConnection::connect(io_, local_address(mute->get()), 0, 0, client_.handlers());
  ASSERT_TRUE(run_until(io_, [&] { return client_.opened.has_value(); }));
  const auto part = bytes(std::string(100000, 'p'));
  for (int i = 0; i < 1000 && client_.closed.empty(); ++i) {
    client_.connection->send(part);
    io_.poll();
  }
  ASSERT_EQ(client_.closed.size(), 1u);
  EXPECT_NE(client_.closed[0].find("does not read"), std::string::npos) << client_.closed[0];
}

TEST_P(StreamSocketTest, TellsOnceWhenThePeerCloses) {
  listen();
  connect();
  server_.connection.reset();
  ASSERT_TRUE(run_until(io_, [&] { return !client_.closed.empty(); }));
  client_.connection->send(bytes("too late"));
  io_.poll();
  EXPECT_EQ(client_.closed.size(), 1u);
  EXPECT_TRUE(server_.closed.empty()) << "who destroys a connection is not told of it";
}

TEST_P(StreamSocketTest, RefusedConnectionNamesThePeer) {
  listen();
  const auto dead = listener_->local();
  listener_.reset();
  client_.connection = StreamConnection::connect(io_, dead, 0, 0, client_.handlers());
  EXPECT_TRUE(client_.closed.empty()) << "connect() must not call back";
  ASSERT_TRUE(run_until(io_, [&] { return !client_.closed.empty(); }));
  EXPECT_EQ(client_.closed[0], "TCP to " + dead.to_string() + ": Connection refused");
  EXPECT_FALSE(client_.opened);
}

TEST_P(StreamSocketTest, MayBeDestroyedInEachOfItsCalls) {
  listen();
  for (const int victim : {0, 1, 2}) {
    std::unique_ptr<StreamConnection> connection;
    server_ = {};
    int calls = 0;
    StreamConnection::Handlers handlers;
    const auto destroy = [&] {
      ++calls;
      connection.reset();
    };
    if (victim == 0) handlers.on_open = [&](const Address&, const Address&) { destroy(); };
    if (victim == 1) handlers.on_receive = [&](std::string_view) { destroy(); };
    if (victim == 2) handlers.on_close = [&](std::string) { destroy(); };
    connection = StreamConnection::connect(io_, listener_->local(), 0, 0, std::move(handlers));
    ASSERT_TRUE(run_until(io_, [&] { return server_.connection != nullptr; }));
    server_.connection->send(bytes("hello"));
    if (victim == 2) server_.connection.reset();
    ASSERT_TRUE(run_until(io_, [&] { return calls == 1; })) << victim;
  }
}

TEST_P(StreamSocketTest, BusyPortNamesPortAddressAndRemedy) {
  listen();
  const auto second = StreamListener::listen(io_, listener_->local(), [](auto) {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().fault, Fault::busy);
  EXPECT_EQ(second.error().text,
            "TCP port " + std::to_string(listener_->local().port) + " on " + GetParam() + " is in use");
  EXPECT_NE(second.error().remedy.find("sip_port_min"), std::string::npos);
}

TEST_P(StreamSocketTest, ConnectsFromARangeAndStepsOverABusyPort) {
  listen();
  auto held = bind_socket(any_port(GetParam()), {Kind::tcp});
  ASSERT_TRUE(held);
  ASSERT_EQ(::listen(held->get(), 1), 0);
  const auto first = local_address(held->get()).port;
  const auto last = static_cast<std::uint16_t>(std::min(65535, first + 20));
  client_.connection = StreamConnection::connect(io_, listener_->local(), first, last, client_.handlers(), 0,
                                                 IpAddress::parse(GetParam()).value());
  ASSERT_TRUE(run_until(io_, [&] { return client_.opened || !client_.closed.empty(); }));
  ASSERT_TRUE(client_.opened) << client_.closed[0];
  EXPECT_GT(client_.opened->first.port, first);
  EXPECT_LE(client_.opened->first.port, last);
}

TEST_P(StreamSocketTest, ManyConnectionsAtOnce) {
  std::vector<std::unique_ptr<StreamConnection>> accepted;
  auto listener = StreamListener::listen(io_, any_port(GetParam()),
                                         [&](auto connection) { accepted.push_back(std::move(connection)); });
  ASSERT_TRUE(listener);
  std::vector<std::unique_ptr<Peer>> peers;
  for (int i = 0; i < 50; ++i) {
    peers.push_back(std::make_unique<Peer>());
    peers.back()->connection =
        StreamConnection::connect(io_, (*listener)->local(), 0, 0, peers.back()->handlers());
  }
  EXPECT_TRUE(run_until(io_, [&] { return accepted.size() == 50; }));
}

INSTANTIATE_TEST_SUITE_P(Families, StreamSocketTest, testing::Values("127.0.0.1", "::1"),
                         [](const auto& row) { return row.index == 0 ? "v4" : "v6"; });

}  // namespace
}  // namespace sidetone::net
