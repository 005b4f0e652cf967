// TLS connections over loopback: bytes, ends, resumption, and peers that stall, talk nonsense or vanish in
// any state of the handshake.
#include <gmock/gmock.h>

#include "net/tls_connection.h"
#include "tls_pair.h"

namespace sidetone::net::test {
namespace {

using ::testing::HasSubstr;

TEST(Tls, CarriesBothWaysWhatWasSentEarlyToo) {
  TlsPair pair;
  ASSERT_TRUE(pair.listen());
  pair.connect();
  EXPECT_FALSE(pair.client.opened) << "connect() must not call back";
  pair.client.connection->send(shared("early "));
  pair.client.connection->send(shared("bird"));
  ASSERT_TRUE(pair.until([&] { return pair.server.received == "early bird"; }));
  EXPECT_TRUE(pair.client.opened);
  EXPECT_EQ(pair.client.connection->remote(), pair.listener->local());
  EXPECT_EQ(pair.server.connection->remote(), pair.client.connection->local());
  const std::string large(300000, 'x');
  pair.server.connection->send(shared(large));
  pair.client.connection->send(shared(large));
  EXPECT_TRUE(pair.until([&] {
    return pair.client.received.size() == large.size() && pair.server.received.size() == large.size() + 10;
  }));
}

TEST(Tls, AnEndIsTold) {
  for (const bool by_client : {true, false}) {
    TlsPair pair;
    ASSERT_TRUE(pair.open());
    auto& leaves = by_client ? pair.client : pair.server;
    auto& stays = by_client ? pair.server : pair.client;
    leaves.connection->send(shared("last words"));
    leaves.connection.reset();
    ASSERT_TRUE(pair.until([&] { return !stays.closed.empty(); }));
    EXPECT_EQ(stays.received, "last words");
    EXPECT_EQ(stays.closed, std::vector<std::string>{"the peer closed the connection"});
    EXPECT_TRUE(leaves.closed.empty()) << "who closes is not told";
  }
}

TEST(Tls, APeerThatDoesNotReadIsGivenUp) {
  boost::asio::io_context reader{1};  // stands still once the connection is open
  TlsPair pair;
  ASSERT_TRUE(pair.listen());
  TlsProfile profile(reader, pair.client_settings);
  TlsEnd client;
  client.connection = profile.connect(pair.listener->local(), "sip.example", 0, 0, client.handlers());
  ASSERT_TRUE(pair.until([&] {
    reader.restart();
    reader.poll();
    return client.opened && pair.accepted == 1;
  }));
  const auto block = shared(std::string(200000, 'x'));
  for (int i = 0; i < 200 && pair.server.closed.empty(); ++i) {
    pair.server.connection->send(block);
    pair.io.restart();
    pair.io.poll();
  }
  ASSERT_EQ(pair.server.closed.size(), 1u);
  EXPECT_THAT(pair.server.closed[0], HasSubstr("the peer does not read"));
}

// RFC 8446 §2.2, RFC 5077: the second handshake costs no signature; a name has its own session.
TEST(Tls, SessionsAreResumedForTheSameName) {
  TlsPair pair;
  ASSERT_TRUE(pair.listen());
  auto profile = std::make_shared<TlsProfileState>(pair.io, pair.client_settings);
  auto contexts = make_contexts(pair.client_settings);
  ASSERT_TRUE(contexts);
  SSL_CTX* context = contexts->client.get();
  profile->contexts = std::move(contexts);
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    SSL_CTX_set_max_proto_version(context, version);
    profile->sessions.remove("sip.example");
    const long before = SSL_CTX_sess_hits(context);
    for (int i = 0; i < 3; ++i) {
      TlsEnd end;
      auto state = std::make_shared<TlsConnectionState>(profile, pair.listener->local());
      state->set_handlers(end.handlers());
      state->connect({pair.listener->local(), "sip.example", 0, 0, 0, {}});
      const auto connection = own(state);
      connection->send(shared("hello"));
      pair.server.received.clear();
      ASSERT_TRUE(pair.until([&] { return pair.server.received == "hello"; }));
      pair.server.connection->send(shared("welcome"));  // behind the ticket
      ASSERT_TRUE(pair.until([&] { return end.received == "welcome"; }));
    }
    EXPECT_EQ(SSL_CTX_sess_hits(context) - before, 2) << version;
  }
}

// CVE-2021-32686: the owner goes in any state of the handshake, on either side.
TEST(Tls, TearingDownAfterAnyStepIsHarmless) {
  for (const bool by_client : {true, false})
    for (int steps = 0; steps < 24; ++steps) {
      TlsPair pair;
      ASSERT_TRUE(pair.listen());
      pair.connect();
      for (int i = 0; i < steps; ++i) pair.io.run_one_for(std::chrono::milliseconds(20));
      if (by_client) {
        pair.client.connection.reset();
      } else {
        pair.server.connection.reset();
        pair.listener.reset();
      }
      // The other side hears of it, or had not begun.
      pair.io.restart();
      while (pair.io.run_one_for(std::chrono::milliseconds(20)) > 0) {
      }
      EXPECT_LE(pair.client.closed.size(), 1u);
    }
}

TEST(Tls, AHandlerMayDestroyItsConnection) {
  for (const char* when : {"open", "receive", "close"}) {
    TlsPair pair;
    ASSERT_TRUE(pair.listen());
    bool gone = false;
    const auto leave = [&](std::string_view at) {
      if (at != when) return;
      pair.client.connection.reset();
      gone = true;
    };
    pair.client_profile.emplace(pair.io, pair.client_settings);
    pair.client.connection = pair.client_profile->connect(
        pair.listener->local(), "sip.example", 0, 0,
        {[&](const Address&, const Address&) { leave("open"); }, [&](std::string_view) { leave("receive"); },
         [&](const std::string&) { leave("close"); }});
    pair.client.connection->send(shared("x"));
    if (std::string_view(when) != "open") {
      ASSERT_TRUE(pair.until([&] { return pair.accepted == 1; }));
      pair.server.connection->send(shared("y"));
      if (std::string_view(when) == "close") pair.server.connection.reset();
    }
    EXPECT_TRUE(pair.until([&] { return gone; })) << when;
  }
}

// --- strangers

struct Stranger {
  TlsEnd end;
  Stranger(TlsPair& pair, std::optional<IpAddress> from = {}) {
    end.connection =
        StreamConnection::connect(pair.io, pair.listener->local(), 0, 0, end.handlers(), 0, from);
  }
};

TEST(Tls, NonsenseIsRefusedAndNamed) {
  TlsPair pair;
  ASSERT_TRUE(pair.listen());
  Stranger stranger(pair);
  stranger.end.connection->send(shared("OPTIONS sip:a@b SIP/2.0\r\n\r\n"));
  ASSERT_TRUE(pair.until([&] { return !pair.refused.empty() && !stranger.end.closed.empty(); }));
  EXPECT_THAT(pair.refused[0], HasSubstr("the client does not speak TLS there"));
}

TEST(Tls, AServerWithoutTlsIsNamed) {
  TlsPair pair;
  auto plain = StreamListener::listen(pair.io, any_port("127.0.0.1"), [&](auto connection) {
    pair.server.connection = std::move(connection);
    pair.server.connection->set_handlers({});
    pair.server.connection->send(shared("SIP/2.0 400 What?\r\n\r\n"));
  });
  ASSERT_TRUE(plain);
  pair.listener = std::move(*plain);
  pair.connect();
  ASSERT_TRUE(pair.until([&] { return !pair.client.closed.empty(); }));
  EXPECT_THAT(pair.client.closed[0], HasSubstr("the server does not speak TLS there"));
  EXPECT_THAT(pair.client.closed[0], HasSubstr("use the port for TLS"));
}

TEST(Tls, AServerThatHangsUpIsNamed) {
  TlsPair pair;
  auto plain = StreamListener::listen(pair.io, any_port("127.0.0.1"), [](auto) {});
  ASSERT_TRUE(plain);
  pair.listener = std::move(*plain);
  pair.connect();
  ASSERT_TRUE(pair.until([&] { return !pair.client.closed.empty(); }));
  EXPECT_THAT(pair.client.closed[0], HasSubstr("the TLS handshake with the server was cut short"));
}

TEST(Tls, AStalledHandshakeEndsInTimeAndBlocksNobody) {
  TlsPair pair;
  pair.server_settings.handshake_max = std::chrono::milliseconds(100);
  ASSERT_TRUE(pair.listen());
  Stranger silent(pair);
  Stranger half(pair);
  half.end.connection->send(shared(std::string("\x16\x03\x01\x02\x00\x01", 6)));  // begins a ClientHello
  pair.connect();
  ASSERT_TRUE(pair.until([&] { return pair.client.opened && pair.accepted == 1; }));
  ASSERT_TRUE(pair.until([&] { return pair.refused.size() == 2; }));
  EXPECT_EQ(pair.refused[0], "the TLS handshake was not over within 100 ms");
  EXPECT_TRUE(pair.client.closed.empty()) << "what is open is not judged by it";
}

TEST(Tls, HalfOpenHandshakesAreBounded) {
  TlsPair pair;
  ASSERT_TRUE(pair.listen());
  std::vector<std::unique_ptr<Stranger>> flood;
  for (int i = 0; i < 20; ++i)
    flood.push_back(std::make_unique<Stranger>(pair, IpAddress::parse("127.0.0.7").value()));
  ASSERT_TRUE(pair.until([&] { return pair.refused.size() == 4; }));  // 16 of one address
  EXPECT_THAT(pair.refused[0], HasSubstr("16 TLS handshakes of this address are unfinished"));
  // From as many addresses as it likes: the oldest go.
  for (int host = 8; host < 17; ++host)
    for (int i = 0; i < 16; ++i)
      flood.push_back(
          std::make_unique<Stranger>(pair, IpAddress::parse("127.0.0." + std::to_string(host)).value()));
  ASSERT_TRUE(pair.until([&] { return pair.refused.size() == 4 + 32; }));
  EXPECT_THAT(pair.refused.back(), HasSubstr("this is the oldest"));
  pair.connect();
  EXPECT_TRUE(pair.until([&] { return pair.client.opened && pair.accepted == 1; }));
}

}  // namespace
}  // namespace sidetone::net::test
