// Via, received and rport, the way of responses, the switch to TCP, connections (RFC 3261 §18, RFC 3581).
#include <gmock/gmock.h>

#include "transaction_desk.h"

namespace sidetone::sip::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Address address(std::string_view text) { return *Address::parse(text, 0); }

std::string incoming_with_via(std::string_view via) {
  std::string text = Desk::incoming("OPTIONS");
  const auto at = text.find("Via: ") + 5;
  return text.replace(at, text.find("\r\n", at) - at, via);
}

// --- responses over UDP

struct ViaRow {
  const char* section;
  const char* via;
  const char* from;
  const char* via_up;
  const char* response_to;
};
class Source : public ::testing::TestWithParam<ViaRow> {};

TEST_P(Source, IsNotedAndAnswered) {
  const auto& row = GetParam();
  Desk desk;
  if (address(row.from).ip.is_v4() == false)
    desk.udp = desk.layer.transport().add_udp_socket(address("[2001:db8::1]:5060"));
  desk.from_wire(incoming_with_via(row.via), address(row.from));
  const auto* request = desk.last<RequestReceived>();
  ASSERT_NE(request, nullptr) << row.section;
  EXPECT_EQ(request->message.value(HeaderId::via), row.via_up) << row.section;
  EXPECT_EQ(request->flow.remote, address(row.from));
  desk.respond(request->id, 200);
  desk.from_wire(incoming_with_via(row.via), address(row.from));
  ASSERT_EQ(desk.wire.size(), 2u);
  EXPECT_EQ(desk.wire[0].to.to_string(), row.response_to) << row.section;
  EXPECT_EQ(desk.wire[1].to.to_string(), row.response_to) << "a repeated response takes the same way";
  EXPECT_EQ(desk.wire[0].message().value(HeaderId::via), row.via_up);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Source,
    ::testing::Values(
        ViaRow{"§18.2.1 sent-by is the source", "SIP/2.0/UDP 198.51.100.7:5070;branch=z9hG4bK1",
               "198.51.100.7:5070", "SIP/2.0/UDP 198.51.100.7:5070;branch=z9hG4bK1", "198.51.100.7:5070"},
        ViaRow{"§18.2.2 to the port of sent-by, not the source's", "SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK1",
               "198.51.100.7:33333", "SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK1", "198.51.100.7:5060"},
        ViaRow{"§18.2.1 behind a NAT", "SIP/2.0/UDP 10.0.0.9:5070;branch=z9hG4bK1", "198.51.100.7:33333",
               "SIP/2.0/UDP 10.0.0.9:5070;branch=z9hG4bK1;received=198.51.100.7", "198.51.100.7:5070"},
        ViaRow{"§18.2.1 a name", "SIP/2.0/UDP pc.example.com;branch=z9hG4bK1", "198.51.100.7:5060",
               "SIP/2.0/UDP pc.example.com;branch=z9hG4bK1;received=198.51.100.7", "198.51.100.7:5060"},
        ViaRow{"RFC 3581 §4", "SIP/2.0/UDP 10.0.0.9:5070;rport;branch=z9hG4bK1", "198.51.100.7:33333",
               "SIP/2.0/UDP 10.0.0.9:5070;branch=z9hG4bK1;received=198.51.100.7;rport=33333",
               "198.51.100.7:33333"},
        ViaRow{"RFC 3581 §4 received also when it is the same",
               "SIP/2.0/UDP 198.51.100.7:5070;branch=z9hG4bK1;rport", "198.51.100.7:5070",
               "SIP/2.0/UDP 198.51.100.7:5070;branch=z9hG4bK1;received=198.51.100.7;rport=5070",
               "198.51.100.7:5070"},
        ViaRow{"a lie about the source is taken out",
               "SIP/2.0/UDP 198.51.100.7:5070;received=203.0.113.9;branch=z9hG4bK1", "198.51.100.7:5070",
               "SIP/2.0/UDP 198.51.100.7:5070;branch=z9hG4bK1", "198.51.100.7:5070"},
        ViaRow{"a lie about the port is taken out",
               "SIP/2.0/UDP 198.51.100.7:5070;rport=99;branch=z9hG4bK1;x=\"a;rport\"", "198.51.100.7:5070",
               "SIP/2.0/UDP 198.51.100.7:5070;branch=z9hG4bK1;x=\"a;rport\";received=198.51.100.7;rport=5070",
               "198.51.100.7:5070"},
        ViaRow{"maddr would aim our answers at anybody",
               "SIP/2.0/UDP 198.51.100.7:5070;maddr=203.0.113.9;branch=z9hG4bK1", "198.51.100.7:5070",
               "SIP/2.0/UDP 198.51.100.7:5070;maddr=203.0.113.9;branch=z9hG4bK1", "198.51.100.7:5070"},
        ViaRow{"IPv6, RFC 3581 §4", "SIP/2.0/UDP [2001:db8::9]:5070;branch=z9hG4bK1;rport",
               "[2001:db8::9]:40000",
               "SIP/2.0/UDP [2001:db8::9]:5070;branch=z9hG4bK1;received=2001:db8::9;rport=40000",
               "[2001:db8::9]:40000"}));

// --- our Via

TEST(OurVia, NamesTheSocketItsPublicHostOrTheAddressOfAll) {
  Desk desk;
  desk.send(Method::options);
  EXPECT_THAT(std::string(desk.wire[0].message().value(HeaderId::via)),
              StartsWith("SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK"));
  EXPECT_TRUE(Via::parse(desk.wire[0].message().value(HeaderId::via))->wants_rport());
  desk.layer.transport().set_public_host(desk.udp, "phone.example.com", 15060);
  desk.send(Method::options);
  EXPECT_THAT(std::string(desk.wire[1].message().value(HeaderId::via)),
              StartsWith("SIP/2.0/UDP phone.example.com:15060;"));
  desk.layer.transport().set_public_host(desk.udp, "2001:db8::5", 0);
  EXPECT_EQ(desk.layer.transport().sent_by(desk.hop()), "[2001:db8::5]:5060");
  desk.layer.transport().remove_socket(desk.udp);
  desk.udp = desk.layer.transport().add_udp_socket(address("0.0.0.0:5062"));
  EXPECT_EQ(desk.layer.transport().sent_by(desk.hop()), "0.0.0.0:5062");
}

TEST(OurVia, WithoutRportWhenToldSo) {
  TransportSettings settings;
  settings.use_rport = false;
  Desk desk(settings);
  desk.send(Method::options);
  EXPECT_FALSE(Via::parse(desk.wire[0].message().value(HeaderId::via))->wants_rport());
}

TEST(OurVia, SocketOfTheFamilyIsTaken) {
  Desk desk;
  const auto v6 = desk.layer.transport().add_udp_socket(address("[2001:db8::1]:5064"));
  NextHop hop = desk.hop();
  hop.host = "[2001:db8::7]";
  hop.port = 0;
  EXPECT_EQ(desk.layer.transport().sent_by(hop), "[2001:db8::1]:5064");
  desk.layer.send(Desk::request(Method::options), hop, desk.now);
  const auto sent = desk.layer.transport().poll_io();
  ASSERT_TRUE(sent && std::holds_alternative<SendDatagram>(*sent));
  EXPECT_EQ(std::get<SendDatagram>(*sent).socket, v6);
  EXPECT_EQ(std::get<SendDatagram>(*sent).to, address("[2001:db8::7]:5060"));
}

TEST(OurVia, OverTcpTheListenerIsNamed) {  // §18.1.1: where the peer can open a connection of its own
  for (const bool listening : {false, true}) {
    Desk desk;
    if (listening) desk.layer.transport().add_listener(Transport::tcp, address("0.0.0.0:5066"));
    desk.send(Desk::request(Method::options), desk.hop(Transport::tcp));
    desk.layer.transport().opened(desk.opens.at(0).connection, address("192.0.2.1:40000"), desk.peer,
                                  desk.now);
    desk.drain();
    EXPECT_THAT(std::string(desk.wire.at(0).message().value(HeaderId::via)),
                StartsWith(listening ? "SIP/2.0/TCP 192.0.2.1:5066;" : "SIP/2.0/TCP 192.0.2.1:40000;"));
  }
}

// --- the switch to TCP

Message large_request() {
  Message request = Desk::request(Method::message);
  request.set_body(std::string(1200, 'x'), "text/plain");
  return request;
}

TEST(LargeRequest, GoesOverTcp) {  // §18.1.1
  Desk desk;
  desk.send(large_request(), desk.hop());
  EXPECT_TRUE(desk.wire.empty());
  ASSERT_EQ(desk.opens.size(), 1u);
  EXPECT_EQ(desk.opens[0].transport, Transport::tcp);
  EXPECT_EQ(desk.opens[0].to, desk.peer);
  desk.layer.transport().opened(desk.opens[0].connection, address("192.0.2.1:40000"), desk.peer, desk.now);
  desk.drain();
  ASSERT_EQ(desk.wire.size(), 1u);
  EXPECT_EQ(desk.wire[0].connection, desk.opens[0].connection);
  EXPECT_EQ(desk.wire[0].message().values(HeaderId::via).size(), 1u);
  EXPECT_THAT(std::string(desk.wire[0].message().value(HeaderId::via)), StartsWith("SIP/2.0/TCP "));
  desk.pass(seconds(5));
  EXPECT_EQ(desk.wire.size(), 1u);  // the transaction knows that nothing is lost now
}

TEST(LargeRequest, FallsBackToUdpOnce) {  // §18.1.1 SHOULD
  const std::pair<const char*, std::function<void(Desk&)>> rows[] = {
      {"refused",
       [](Desk& desk) { desk.layer.transport().closed(desk.opens.at(0).connection, "refused", desk.now); }},
      {"swallowed by a firewall", [](Desk& desk) { desk.pass(seconds(5)); }}};
  for (const auto& [name, refuse] : rows) {
    Desk desk;
    desk.send(large_request(), desk.hop());
    refuse(desk);
    desk.drain();
    ASSERT_EQ(desk.wire.size(), 1u) << name;
    EXPECT_EQ(desk.wire[0].to, desk.peer);
    EXPECT_THAT(std::string(desk.wire[0].message().value(HeaderId::via)), StartsWith("SIP/2.0/UDP "));
    EXPECT_EQ(desk.wire[0].message().values(HeaderId::via).size(), 1u);
    EXPECT_EQ(desk.opens.size(), 1u);
    desk.pass(milliseconds(600));
    EXPECT_EQ(desk.wire.size(), 2u);  // timer E runs
    EXPECT_EQ(desk.last<ClientFailed>(), nullptr);
  }
}

TEST(LargeRequest, DoesNotTryTcpAgainForAWhile) {
  Desk desk;
  desk.send(large_request(), desk.hop());
  desk.layer.transport().closed(desk.opens.at(0).connection, "refused", desk.now);
  desk.drain();
  desk.send(large_request(), desk.hop());
  EXPECT_EQ(desk.wire.size(), 2u);
  EXPECT_EQ(desk.opens.size(), 1u);
  desk.pass(std::chrono::minutes(5));
  desk.send(large_request(), desk.hop());
  EXPECT_EQ(desk.opens.size(), 2u);
}

TEST(LargeRequest, StaysOnUdp) {
  TransportSettings settings;
  settings.large_over_tcp = false;
  Desk switched_off(settings);
  switched_off.send(large_request(), switched_off.hop());
  EXPECT_EQ(switched_off.wire.size(), 1u);

  Desk by_flow;  // a flow is one transport (RFC 5626)
  NextHop hop = by_flow.hop();
  hop.flow = Flow{Transport::udp, by_flow.udp, {}, address("192.0.2.1:5060"), by_flow.peer};
  by_flow.send(large_request(), hop);
  EXPECT_EQ(by_flow.wire.size(), 1u);

  Desk responder;  // responses go where the request came from
  responder.from_wire(Desk::incoming("OPTIONS"));
  const auto id = responder.last<RequestReceived>()->id;
  Message ok = Message::response(*responder.layer.request_of(id), 200, {}, "t");
  ok.set_body(std::string(3000, 'x'), "text/plain");
  responder.layer.respond(id, std::move(ok), responder.now);
  responder.drain();
  EXPECT_EQ(responder.wire.size(), 1u);
  EXPECT_TRUE(responder.opens.empty());
}

// --- connections

ConnectionId accept(Desk& desk, std::string_view remote = "198.51.100.7:41000") {
  const auto listener = desk.layer.transport().add_listener(Transport::tcp, address("192.0.2.1:5060"));
  return desk.layer.transport().accepted(listener, address("192.0.2.1:5060"), address(remote), desk.now);
}

TEST(Connection, IsReusedForTheSameTransportAndAddress) {  // §18
  Desk desk;
  desk.send(Desk::request(Method::options), desk.hop(Transport::tcp));
  desk.send(Desk::request(Method::options), desk.hop(Transport::tcp));  // while it opens
  ASSERT_EQ(desk.opens.size(), 1u);
  desk.layer.transport().opened(desk.opens[0].connection, address("192.0.2.1:40000"), desk.peer, desk.now);
  desk.drain();
  EXPECT_EQ(desk.wire.size(), 2u);
  desk.send(Desk::request(Method::options), desk.hop(Transport::tcp));
  EXPECT_EQ(desk.wire.size(), 3u);
  EXPECT_EQ(desk.opens.size(), 1u);
  desk.send(Desk::request(Method::options), desk.hop(Transport::tls));
  EXPECT_EQ(desk.opens.size(), 2u);
  EXPECT_EQ(desk.layer.transport().counters().connections, 2u);
}

TEST(Connection, TlsIsReusedForTheSameNameOnly) {  // RFC 5922 §7.1
  Desk desk;
  for (const char* name : {"a.example", "b.example", "a.example"}) {
    NextHop hop = desk.hop(Transport::tls);
    hop.host = name;
    desk.send(Desk::request(Method::options), hop);
    if (!desk.queries.empty()) desk.answer_dns({desk.peer.ip});
    desk.queries.clear();
    desk.drain();
  }
  ASSERT_EQ(desk.opens.size(), 2u);
  EXPECT_EQ(desk.opens[0].host_name, "a.example");
  EXPECT_EQ(desk.opens[1].host_name, "b.example");
}

TEST(Connection, ResponseTakesTheConnectionOfTheRequest) {  // §18.2.2
  Desk desk;
  const auto connection = accept(desk);
  desk.from_stream(connection, Desk::incoming("OPTIONS"));
  EXPECT_EQ(desk.last<RequestReceived>()->flow.connection, connection);
  desk.respond(desk.last<RequestReceived>()->id, 200);
  ASSERT_EQ(desk.wire.size(), 1u);
  EXPECT_EQ(desk.wire[0].connection, connection);
}

TEST(Connection, ResponseOpensANewOneToSentByWhenItIsGone) {  // §18.2.2
  Desk desk;
  const auto connection = accept(desk);
  desk.from_stream(connection, Desk::incoming("INVITE"));
  const auto id = desk.last<RequestReceived>()->id;
  desk.layer.transport().closed(connection, "reset", desk.now);
  desk.respond(id, 200);
  ASSERT_EQ(desk.opens.size(), 1u);
  EXPECT_EQ(desk.opens[0].to, address("198.51.100.7:5070"));
  EXPECT_EQ(desk.opens[0].transport, Transport::tcp);
  desk.layer.transport().opened(desk.opens[0].connection, address("192.0.2.1:40000"), desk.peer, desk.now);
  desk.drain();
  ASSERT_THAT(desk.what(), ElementsAre("200"));
  EXPECT_TRUE(desk.layer.resend_2xx(id, desk.now));
  desk.drain();
  ASSERT_EQ(desk.wire.size(), 2u);
  EXPECT_EQ(desk.wire[1].connection, desk.opens[0].connection);
  EXPECT_EQ(desk.opens.size(), 1u);
}

TEST(Connection, ResponseGoesByTheNameInViaWhenItsSourceIsGone) {  // RFC 3263 §5
  Desk desk;
  const auto connection = accept(desk);
  auto request = Desk::incoming("INVITE");
  const std::string via = "198.51.100.7:5070";
  request.replace(request.find(via), via.size(), "proxy.example.com:5075");
  desk.from_stream(connection, request);
  desk.layer.transport().closed(connection, "reset", desk.now);
  desk.respond(desk.last<RequestReceived>()->id, 200);
  ASSERT_EQ(desk.opens.size(), 1u);  // RFC 3261 §18.2.2: first to the source, at the port of the sent-by
  EXPECT_EQ(desk.opens[0].to.port, 5075);
  desk.layer.transport().closed(desk.opens[0].connection, "refused", desk.now);
  desk.drain();
  ASSERT_EQ(desk.queries.size(), 1u);
  EXPECT_EQ(desk.queries[0].name, "proxy.example.com");
  desk.answer_dns({address("203.0.113.9:0").ip});
  ASSERT_EQ(desk.opens.size(), 2u);
  EXPECT_EQ(desk.opens[1].to, address("203.0.113.9:5075"));
  desk.layer.transport().closed(desk.opens[1].connection, "refused", desk.now);
  desk.drain();
  EXPECT_EQ(desk.opens.size(), 2u);  // once only
  EXPECT_EQ(desk.queries.size(), 1u);
  EXPECT_EQ(desk.layer.transport().counters().pending, 0u);
}

TEST(Connection, DeadFlowIsOpenedAnew) {
  Desk desk;
  desk.send(Desk::request(Method::options), desk.hop(Transport::tcp));
  const auto first = desk.opens.at(0).connection;
  desk.layer.transport().opened(first, address("192.0.2.1:40000"), desk.peer, desk.now);
  desk.drain();
  NextHop hop;
  hop.flow = Flow{Transport::tcp, {}, first, address("192.0.2.1:40000"), desk.peer};
  desk.send(Desk::request(Method::bye), hop);
  EXPECT_EQ(desk.wire.size(), 2u);
  desk.layer.transport().closed(first, "peer closed", desk.now);
  desk.send(Desk::request(Method::bye), hop);
  ASSERT_EQ(desk.opens.size(), 2u);
  EXPECT_EQ(desk.opens[1].to, desk.peer);
}

TEST(Connection, BreakEndsWhatWasNotAnswered) {
  for (const bool answered : {false, true}) {
    Desk desk;
    desk.send(Desk::request(Method::options), desk.hop(Transport::tcp));
    const auto connection = desk.opens.at(0).connection;
    desk.layer.transport().opened(connection, address("192.0.2.1:40000"), desk.peer, desk.now);
    desk.drain();
    if (answered) desk.from_stream(connection, Desk::answer(desk.wire.at(0), 100));
    desk.layer.transport().closed(connection, "reset by peer", desk.now);
    desk.drain();
    ASSERT_EQ(desk.last<ClientFailed>() != nullptr, !answered);
    if (!answered) {
      EXPECT_THAT(desk.last<ClientFailed>()->text,
                  HasSubstr("The TCP connection to 198.51.100.7:5070 broke: reset by peer"));
    }
  }
}

TEST(Connection, StreamIsCutIntoMessagesHoweverItComes) {  // §18.3
  const std::string two =
      Desk::incoming("OPTIONS", "z9hG4bK1") + "\r\n" + Desk::incoming("OPTIONS", "z9hG4bK2");
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, two.size()}) {
    Desk desk;
    const auto connection = accept(desk);
    for (std::size_t at = 0; at < two.size(); at += step)
      desk.from_stream(connection, std::string_view(two).substr(at, step));
    EXPECT_EQ(desk.all<RequestReceived>().size(), 2u) << step;
  }
}

TEST(Connection, PingIsAnswered) {  // RFC 5626 §4.4.1
  Desk desk;
  const auto connection = accept(desk);
  desk.from_stream(connection, "\r\n\r\n");
  ASSERT_EQ(desk.wire.size(), 1u);
  EXPECT_EQ(desk.wire[0].bytes, "\r\n");
  EXPECT_EQ(desk.wire[0].connection, connection);
  std::string flood;
  for (int i = 0; i < 10000; ++i) flood += "\r\n\r\n";
  desk.from_stream(connection, flood);
  EXPECT_LE(desk.wire.back().bytes.size(), 64u);
}

TEST(Connection, StreamThatCannotBeReadIsClosed) {
  Desk desk;
  const auto connection = accept(desk);
  std::string text = Desk::incoming("OPTIONS");
  text.replace(text.find("Content-Length: 0"), 17, "Content-Length: x");
  desk.from_stream(connection, text + text);
  ASSERT_EQ(desk.closes.size(), 1u);
  EXPECT_EQ(desk.closes[0].connection, connection);
  EXPECT_EQ(desk.layer.transport().counters().connections, 0u);
  desk.from_stream(connection, Desk::incoming("OPTIONS"));  // still on its way from the driver
  EXPECT_TRUE(desk.events.empty());
}

TEST(Connection, IdleOnesAreClosed) {
  Desk desk;
  const auto connection = accept(desk);
  desk.pass(std::chrono::minutes(9));
  desk.from_stream(connection, "\r\n\r\n");
  desk.pass(std::chrono::minutes(9));
  EXPECT_TRUE(desk.closes.empty());
  desk.reasons.clear();
  desk.pass(std::chrono::minutes(1));
  EXPECT_EQ(desk.closes.size(), 1u);
  EXPECT_THAT(desk.reasons, ElementsAre("connection_idle"));
  EXPECT_FALSE(desk.layer.deadline());
}

TEST(Connection, NumberIsBounded) {
  TransportSettings settings;
  settings.connections_max = 2;
  Desk desk(settings);
  EXPECT_TRUE(accept(desk, "198.51.100.7:1"));
  EXPECT_TRUE(accept(desk, "198.51.100.7:2"));
  EXPECT_FALSE(accept(desk, "198.51.100.7:3"));
  desk.send(Desk::request(Method::options), desk.hop(Transport::tcp));
  ASSERT_NE(desk.last<ClientFailed>(), nullptr);
  EXPECT_THAT(desk.last<ClientFailed>()->text, HasSubstr("All 2 connections are in use"));
}

TEST(Connection, UnknownListenerAndConnectionsAreIgnored) {
  Desk desk;
  auto& transport = desk.layer.transport();
  EXPECT_FALSE(transport.accepted(SocketId{77}, desk.peer, desk.peer, desk.now));
  EXPECT_FALSE(transport.accepted(desk.udp, desk.peer, desk.peer, desk.now));
  transport.opened(ConnectionId{77}, desk.peer, desk.peer, desk.now);
  transport.stream_data(ConnectionId{77}, "x", desk.now);
  transport.closed(ConnectionId{77}, "x", desk.now);
  transport.dns_answer(DnsQueryId{77}, {}, desk.now);
  transport.datagram(SocketId{77}, desk.peer, Desk::incoming("OPTIONS"), desk.now);
  desk.drain();
  EXPECT_TRUE(desk.events.empty());
}

// --- names

TEST(Names, OneQuestionForManyRequests) {
  TransportSettings settings;
  settings.pending_per_resolve_max = 2;
  Desk desk(settings);
  NextHop hop = desk.hop();
  hop.host = "sip.example.com";
  for (int i = 0; i < 3; ++i) desk.send(Desk::request(Method::options), hop);
  ASSERT_EQ(desk.queries.size(), 1u);
  EXPECT_EQ(desk.queries[0].name, "sip.example.com");
  EXPECT_EQ(desk.queries[0].type, DnsType::a);     // a port was told: RFC 3263 §4.2
  ASSERT_EQ(desk.all<ClientFailed>().size(), 1u);  // the third was one too many
  desk.answer_dns({desk.peer.ip, address("203.0.113.1:5060").ip});
  desk.drain();
  EXPECT_EQ(desk.wire.size(), 2u);
  EXPECT_EQ(desk.wire[0].to, desk.peer);
  desk.send(Desk::request(Method::options), hop);
  EXPECT_EQ(desk.queries.size(), 1u);  // within the TTL
  EXPECT_EQ(desk.wire.size(), 3u);
}

TEST(Names, RepetitionsStartWhenTheRequestHasLeft) {
  Desk desk;
  NextHop hop = desk.hop();
  hop.host = "sip.example.com";
  desk.send(Desk::request(Method::options), hop);
  desk.pass(seconds(3));
  desk.answer_dns({desk.peer.ip});
  desk.drain();
  desk.pass(milliseconds(1500));
  EXPECT_THAT(desk.times_ms("OPTIONS"), ElementsAre(3000, 3500, 4500));
}

TEST(Names, RequestThatNobodyWaitsForNeverLeaves) {
  for (const bool cancelled : {false, true}) {
    for (const auto transport : {Transport::udp, Transport::tcp}) {
      Desk desk;
      NextHop hop = desk.hop(transport);
      hop.host = "sip.example.com";
      const auto id = desk.send(Desk::request(Method::invite), hop);
      if (cancelled) {
        EXPECT_TRUE(desk.layer.cancel(id, desk.now));
        desk.drain();
      } else {
        desk.pass(seconds(32));
      }
      ASSERT_EQ(desk.all<ClientFailed>().size(), 1u);
      EXPECT_EQ(desk.alive(), 0u);
      desk.answer_dns({desk.peer.ip});
      desk.drain();
      EXPECT_TRUE(desk.wire.empty());
      EXPECT_TRUE(desk.opens.empty());
      EXPECT_EQ(desk.layer.transport().counters().pending, 0u);
    }
  }
}

// --- the rest

TEST(Datagrams, KeepAlivesAndStunAreNoSip) {
  Desk desk;
  for (const std::string& bytes : {std::string(), std::string("\r\n\r\n"), std::string(4, '\0'),
                                   std::string("\x00\x01\x00\x00\x21\x12\xa4\x42", 8)})
    desk.from_wire(bytes);
  EXPECT_EQ(desk.layer.transport().counters().received, 0u);
  EXPECT_EQ(desk.layer.transport().counters().unparsable, 0u);
  EXPECT_TRUE(desk.wire.empty());
}

class Tracer final : public LogSink {
 public:
  [[nodiscard]] bool wants(LogTag, LogLevel) const override { return true; }
  void write(LogRecord record) override { texts.push_back(record.text); }
  [[nodiscard]] bool wants_sip() const override { return true; }
  void trace(SipRecord record) override { records.push_back(record); }
  std::vector<SipRecord> records;
  std::vector<std::string> texts;
};

TEST(Trace, SeesEveryMessageInBothDirections) {
  Tracer log;
  SeededRandom random(1);
  TransactionLayer layer({}, {}, random, log);
  const auto udp = layer.transport().add_udp_socket(address("192.0.2.1:5060"));
  const Time now = Time{} + seconds(5);
  layer.transport().datagram(udp, address("198.51.100.7:5070"), Desk::incoming("CANCEL"), now);
  layer.pump(now);
  layer.transport().datagram(udp, address("198.51.100.7:5070"), "rubbish", now);
  ASSERT_EQ(log.records.size(), 3u);
  EXPECT_EQ(log.records[0].direction, SipDirection::in);
  EXPECT_EQ(*log.records[0].bytes, Desk::incoming("CANCEL"));
  EXPECT_EQ(log.records[1].direction, SipDirection::out);
  EXPECT_EQ(log.records[1].transport, "UDP");
  EXPECT_EQ(log.records[1].local, address("192.0.2.1:5060"));
  EXPECT_EQ(log.records[1].remote, address("198.51.100.7:5070"));
  EXPECT_EQ(log.records[1].time, now);
  ASSERT_EQ(log.texts.size(), 1u);
  EXPECT_THAT(log.texts[0], HasSubstr("198.51.100.7:5070"));
}

}  // namespace
}  // namespace sidetone::sip::test
