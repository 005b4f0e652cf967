// Which TLS connection may serve which request (RFC 5922 §7, RFC 5923): never one that was verified for
// somebody else.
#include <gmock/gmock.h>

#include "transaction_desk.h"

namespace sidetone::sip::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Address address(std::string_view text) { return *Address::parse(text, 0); }

std::string incoming_with_via(std::string_view via) {
  std::string text = Desk::incoming("OPTIONS");
  const auto at = text.find("Via: ") + 5;
  return text.replace(at, text.find("\r\n", at) - at, via);
}

NextHop tls_hop(std::string host, std::string name = {}, TlsProfileId profile = {}) {
  NextHop hop;
  hop.transport = Transport::tls;
  hop.host = std::move(host);
  hop.port = 5061;
  hop.tls_name = std::move(name);
  hop.tls_profile = profile;
  return hop;
}

struct ReuseRow {
  const char* section;
  NextHop first, second;
  bool shared;
};

TEST(TlsReuse, ByAddressNameAndProfile) {
  const std::vector<ReuseRow> rows{
      {"RFC 5923 §8.1: the same address and name", tls_hop("198.51.100.7", "a.example"),
       tls_hop("198.51.100.7", "a.example"), true},
      {"RFC 5922 §7.2: without case", tls_hop("198.51.100.7", "a.example"),
       tls_hop("198.51.100.7", "A.Example"), true},
      {"RFC 1034 §3.1: the root's dot", tls_hop("198.51.100.7", "a.example"),
       tls_hop("198.51.100.7", "a.example."), true},
      {"RFC 5923 §9.3: another name at the address", tls_hop("198.51.100.7", "a.example"),
       tls_hop("198.51.100.7", "b.example"), false},
      {"RFC 5922 §7.2: no suffix", tls_hop("198.51.100.7", "example"), tls_hop("198.51.100.7", "a.example"),
       false},
      {"RFC 5923 §9.3: the bare address is a name of its own", tls_hop("198.51.100.7", "a.example"),
       tls_hop("198.51.100.7"), false},
      {"RFC 5923 §9.3: other certificates", tls_hop("198.51.100.7", "a.example", TlsProfileId{1}),
       tls_hop("198.51.100.7", "a.example", TlsProfileId{2}), false},
      {"RFC 5923 §8.1: another address of the name", tls_hop("198.51.100.7", "a.example"),
       tls_hop("198.51.100.8", "a.example"), false},
  };
  for (const auto& row : rows) {
    Desk desk;
    desk.send(Desk::request(Method::options), row.first);
    desk.send(Desk::request(Method::options), row.second);
    EXPECT_EQ(desk.opens.size(), row.shared ? 1u : 2u) << row.section;
    // The second time over open connections, where the wire shows the choice.
    for (const auto& open : desk.opens)
      desk.layer.transport().opened(open.connection, address("192.0.2.1:40000"), open.to, desk.now);
    desk.drain();
    ASSERT_EQ(desk.wire.size(), 2u) << row.section;
    EXPECT_EQ(desk.wire[0].connection == desk.wire[1].connection, row.shared) << row.section;
  }
}

TEST(TlsReuse, TheDriverIsToldNameAndProfile) {
  Desk desk;
  desk.send(Desk::request(Method::options), tls_hop("198.51.100.7", "Sip.Example.", TlsProfileId{7}));
  desk.send(Desk::request(Method::options), tls_hop("198.51.100.7"));
  ASSERT_EQ(desk.opens.size(), 2u);
  EXPECT_EQ(desk.opens[0].host_name, "sip.example");
  EXPECT_EQ(desk.opens[0].tls_profile, TlsProfileId{7});
  EXPECT_EQ(desk.opens[1].host_name, "198.51.100.7");
}

// A BYE that went to the address at the end of a dead flow would fail the name check.
TEST(TlsReuse, ADeadFlowIsOpenedAnewUnderItsOwnName) {
  Desk desk;
  desk.send(Desk::request(Method::options), tls_hop("198.51.100.7", "a.example", TlsProfileId{7}));
  const auto first = desk.opens.at(0).connection;
  const auto local = address("192.0.2.1:40000"), remote = address("198.51.100.7:5061");
  desk.layer.transport().opened(first, local, remote, desk.now);
  desk.drain();
  desk.layer.transport().closed(first, "reset", desk.now);
  auto hop = tls_hop("192.0.2.99");  // a Contact
  hop.flow = Flow{Transport::tls, {}, first, local, remote};
  desk.send(Desk::request(Method::bye), hop);
  ASSERT_EQ(desk.opens.size(), 2u);
  EXPECT_EQ(desk.opens[1].to, remote);
  EXPECT_EQ(desk.opens[1].host_name, "a.example");
  EXPECT_EQ(desk.opens[1].tls_profile, TlsProfileId{7});
}

// RFC 3261 §18.2.2: the response finds a new connection to sent-by; whoever is there must prove that name.
TEST(TlsReuse, AResponseOverANewConnectionIsForTheNameInVia) {
  Desk desk;
  const auto listener =
      desk.layer.transport().add_listener(Transport::tls, address("192.0.2.1:5061"), TlsProfileId{3});
  const auto connection = desk.layer.transport().accepted(listener, address("192.0.2.1:5061"),
                                                          address("198.51.100.7:41000"), desk.now);
  desk.from_stream(connection, incoming_with_via("SIP/2.0/TLS P1.example.com;branch=z9hG4bK1"));
  const auto id = desk.last<RequestReceived>()->id;
  desk.layer.transport().closed(connection, "reset", desk.now);
  desk.respond(id, 200);
  ASSERT_EQ(desk.opens.size(), 1u);
  EXPECT_EQ(desk.opens[0].to, address("198.51.100.7:5061"));
  EXPECT_EQ(desk.opens[0].host_name, "p1.example.com");
  EXPECT_EQ(desk.opens[0].tls_profile, TlsProfileId{3});
}

struct AliasRow {
  const char* section;
  Transport transport;
  std::vector<std::string> peer_names;  // proved by the client's certificate
  const char* via;
  NextHop hop;  // of a request of ours, afterwards
  bool reused;
};

TEST(TlsReuse, AliasOfAConnectionThatThePeerOpened) {
  const TlsProfileId ours{3};
  const char* aliased = "SIP/2.0/TLS p1.example.com;branch=z9hG4bK1;alias";
  const auto tcp_hop = [] {
    NextHop hop;
    hop.transport = Transport::tcp;
    hop.host = "198.51.100.7";
    hop.port = 5060;
    return hop;
  };
  const std::vector<AliasRow> rows{
      {"§8.2: authenticated, default port",
       Transport::tls,
       {"p1.example.com"},
       aliased,
       tls_hop("198.51.100.7", "p1.example.com", ours),
       true},
      {"§8.2: any of its names",
       Transport::tls,
       {"p1.example.com", "Example.com"},
       aliased,
       tls_hop("198.51.100.7", "example.com", ours),
       true},
      {"§8.2: the port in sent-by is not the one asked for",
       Transport::tls,
       {"p1.example.com"},
       "SIP/2.0/TLS p1.example.com:5071;branch=z9hG4bK1;alias",
       tls_hop("198.51.100.7", "p1.example.com", ours),
       false},
      {"§8.2: no alias, no reuse",
       Transport::tls,
       {"p1.example.com"},
       "SIP/2.0/TLS p1.example.com;branch=z9hG4bK1",
       tls_hop("198.51.100.7", "p1.example.com", ours),
       false},
      {"§9.2: no client certificate",
       Transport::tls,
       {},
       aliased,
       tls_hop("198.51.100.7", "p1.example.com", ours),
       false},
      {"§9.3: a name that it has not proved",
       Transport::tls,
       {"p1.example.com"},
       aliased,
       tls_hop("198.51.100.7", "example.net", ours),
       false},
      {"§9.3: on behalf of another profile",
       Transport::tls,
       {"p1.example.com"},
       aliased,
       tls_hop("198.51.100.7", "p1.example.com", TlsProfileId{4}),
       false},
      {"§5: only from the source address, whatever Via says",
       Transport::tls,
       {"p1.example.com"},
       "SIP/2.0/TLS 203.0.113.9;branch=z9hG4bK1;alias",
       tls_hop("203.0.113.9", "p1.example.com", ours),
       false},
      {"§9: over TCP an alias is a lie that anybody can tell",
       Transport::tcp,
       {},
       "SIP/2.0/TCP p1.example.com:5060;branch=z9hG4bK1;alias",
       tcp_hop(),
       false},
  };
  for (const auto& row : rows) {
    Desk desk;
    auto& transport = desk.layer.transport();
    const auto listener = transport.add_listener(row.transport, address("192.0.2.1:5061"), ours);
    const auto connection = transport.accepted(listener, address("192.0.2.1:5061"),
                                               address("198.51.100.7:41000"), desk.now, row.peer_names);
    desk.from_stream(connection, incoming_with_via(row.via));
    desk.send(Desk::request(Method::options), row.hop);
    EXPECT_EQ(desk.opens.empty(), row.reused) << row.section;
    if (!row.reused) continue;
    ASSERT_EQ(desk.wire.size(), 1u) << row.section;
    EXPECT_EQ(desk.wire[0].connection, connection) << row.section;
    transport.closed(connection, "gone", desk.now);
    desk.send(Desk::request(Method::options), row.hop);
    EXPECT_EQ(desk.opens.size(), 1u) << row.section << ": a dead alias is forgotten";
  }
}

// RFC 5923 §8.1: said where a sent-by of ours listens for TLS.
TEST(TlsReuse, WeSayAliasWhereWeListen) {
  for (const bool listens : {false, true})
    for (const auto over : {Transport::tls, Transport::tcp}) {
      Desk desk;
      if (listens) desk.layer.transport().add_listener(Transport::tls, address("192.0.2.1:5061"));
      desk.send(Desk::request(Method::options), desk.hop(over));
      desk.layer.transport().opened(desk.opens.at(0).connection, address("192.0.2.1:40000"), desk.peer,
                                    desk.now);
      desk.drain();
      ASSERT_EQ(desk.wire.size(), 1u);
      const auto via = std::string(desk.wire[0].message().value(HeaderId::via));
      if (listens && over == Transport::tls)
        EXPECT_THAT(via, AllOf(HasSubstr("192.0.2.1:5061;branch="), HasSubstr(";alias")));
      else
        EXPECT_THAT(via, Not(HasSubstr("alias")));
    }
}

}  // namespace
}  // namespace sidetone::sip::test
