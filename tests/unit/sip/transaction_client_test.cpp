// INVITE and other client transactions: responses, ACK, CANCEL and its races (RFC 3261 §9, §17.1, RFC 6026).
#include <gmock/gmock.h>

#include "transaction_desk.h"

namespace sidetone::sip::test {
namespace {

using ::testing::ElementsAre;

Message invite_with_route() {
  Message message = Desk::request(Method::invite);
  message.add(HeaderId::route, "<sip:p1.example.com;lr>");
  message.add(HeaderId::route, "<sip:p2.example.com;lr>");
  return message;
}

TEST(InviteClient, AcksARefusalHopByHop) {  // §17.1.1.3
  Desk desk;
  desk.send(invite_with_route(), desk.hop());
  desk.from_wire(Desk::answer(desk.wire[0], 486, "bob"));
  ASSERT_THAT(desk.what(), ElementsAre("INVITE", "ACK"));
  const Message invite = desk.wire[0].message();
  const Message ack = desk.wire[1].message();
  EXPECT_EQ(ack.request_uri(), invite.request_uri());
  EXPECT_EQ(ack.values(HeaderId::via).size(), 1u);
  EXPECT_EQ(ack.value(HeaderId::via), invite.value(HeaderId::via));
  EXPECT_EQ(ack.values(HeaderId::route), invite.values(HeaderId::route));
  EXPECT_EQ(ack.value(HeaderId::from), invite.value(HeaderId::from));
  EXPECT_EQ(ack.value(HeaderId::to), "<sip:bob@example.com>;tag=bob");
  EXPECT_EQ(ack.value(HeaderId::call_id), invite.value(HeaderId::call_id));
  EXPECT_EQ(ack.value(HeaderId::cseq), "7 ACK");
  EXPECT_FALSE(ack.has(HeaderId::contact));
  EXPECT_EQ(desk.wire[1].to, desk.peer);
}

TEST(InviteClient, RepeatedRefusalGetsTheAckAgainAndIsNotSeenTwice) {
  Desk desk;
  desk.send(Method::invite);
  const auto busy = Desk::answer(desk.wire[0], 486);
  desk.from_wire(busy);
  desk.from_wire(busy);
  desk.from_wire(Desk::answer(desk.wire[0], 180));  // overtaken on the way
  desk.from_wire(Desk::answer(desk.wire[0], 200));
  EXPECT_THAT(desk.what(), ElementsAre("INVITE", "ACK", "ACK"));
  EXPECT_EQ(desk.wire[1].bytes, desk.wire[2].bytes);
  EXPECT_EQ(desk.all<ResponseReceived>().size(), 1u);
  EXPECT_EQ(desk.layer.counters().retransmissions_absorbed, 1u);
}

TEST(InviteClient, EachSuccessComesUp) {  // RFC 6026 §7.2: forks, and retransmissions for the user's ACK
  Desk desk;
  const auto id = desk.send(Method::invite);
  desk.from_wire(Desk::answer(desk.wire[0], 180, "x"));
  for (const char* tag : {"x", "y", "x"}) desk.from_wire(Desk::answer(desk.wire[0], 200, tag));
  desk.from_wire(Desk::answer(desk.wire[0], 180, "z"));
  desk.from_wire(Desk::answer(desk.wire[0], 486, "z"));
  const auto responses = desk.all<ResponseReceived>();
  ASSERT_EQ(responses.size(), 4u);
  EXPECT_EQ(responses[0]->message.status(), 180);
  for (const auto* response : responses) EXPECT_EQ(response->id, id);
  EXPECT_EQ(responses[2]->message.value(HeaderId::to), "<sip:bob@example.com>;tag=y");
  EXPECT_THAT(desk.what(), ElementsAre("INVITE"));
  desk.pass(seconds(32));
  desk.from_wire(Desk::answer(desk.wire[0], 200, "x"));  // a stray now
  EXPECT_EQ(desk.all<ResponseReceived>().size(), 4u);
}

TEST(InviteClient, CancelWaitsForAProvisionalResponse) {  // §9.1
  Desk desk;
  const auto id = desk.send(invite_with_route(), desk.hop());
  EXPECT_TRUE(desk.layer.cancel(id, desk.now));
  EXPECT_TRUE(desk.layer.cancel(id, desk.now));  // asking twice is the same as once
  desk.drain();
  EXPECT_THAT(desk.what(), ElementsAre("INVITE"));
  desk.from_wire(Desk::answer(desk.wire[0], 100));
  ASSERT_THAT(desk.what(), ElementsAre("INVITE", "CANCEL"));
  const Message invite = desk.wire[0].message();
  const Message cancel = desk.wire[1].message();
  EXPECT_EQ(cancel.value(HeaderId::via), invite.value(HeaderId::via));
  EXPECT_EQ(cancel.values(HeaderId::route), invite.values(HeaderId::route));
  EXPECT_EQ(cancel.value(HeaderId::to), invite.value(HeaderId::to));
  EXPECT_EQ(cancel.value(HeaderId::cseq), "7 CANCEL");
  EXPECT_EQ(cancel.request_uri(), invite.request_uri());

  desk.from_wire(Desk::answer(desk.wire[1], 200));
  EXPECT_EQ(desk.all<ResponseReceived>().size(), 1u);  // the CANCEL's own 200 concerns nobody
  desk.from_wire(Desk::answer(desk.wire[0], 487));
  EXPECT_EQ(desk.last<ResponseReceived>()->message.status(), 487);
  EXPECT_EQ(desk.wire.back().what(), "ACK");
  desk.pass(seconds(40));
  EXPECT_EQ(desk.alive(), 0u);
  EXPECT_EQ(desk.last<ClientFailed>(), nullptr);
}

TEST(InviteClient, CancelIsRepeatedByItsOwnTransaction) {
  Desk desk;
  const auto id = desk.send(Method::invite);
  desk.from_wire(Desk::answer(desk.wire[0], 180));
  desk.layer.cancel(id, desk.now);
  desk.drain();
  desk.pass(milliseconds(1600));
  EXPECT_THAT(desk.times_ms("CANCEL"), ElementsAre(0, 500, 1500));
}

TEST(InviteClient, CancelWithoutAnyFinalResponseGivesUp) {  // §9.1: after 64*T1
  Desk desk;
  const auto id = desk.send(Method::invite);
  desk.from_wire(Desk::answer(desk.wire[0], 180));
  desk.pass(seconds(60));
  desk.layer.cancel(id, desk.now);
  desk.drain();
  desk.from_wire(Desk::answer(desk.wire[1], 481));
  desk.pass(milliseconds(31999));
  EXPECT_EQ(desk.last<ClientFailed>(), nullptr);
  desk.pass(milliseconds(1));
  ASSERT_NE(desk.last<ClientFailed>(), nullptr);
  EXPECT_EQ(desk.last<ClientFailed>()->id, id);
  EXPECT_EQ(desk.last<ClientFailed>()->why, ClientFailed::Why::timeout);
  EXPECT_EQ(desk.alive(), 0u);
}

// Timer B has ended the user's wait. Who answers now rings, or speaks, for nobody.
TEST(InviteClient, GivenUpAndRingingIsCancelled) {  // RFC 3261 §9.1, §13.2.2.4
  Desk desk;
  desk.send(Method::invite);
  desk.pass(seconds(33));
  ASSERT_EQ(desk.all<ClientFailed>().size(), 1u);
  const auto sent = desk.wire.size();
  desk.from_wire(Desk::answer(desk.wire[0], 180));
  desk.from_wire(Desk::answer(desk.wire[0], 180));
  ASSERT_EQ(desk.wire.size(), sent + 1);
  EXPECT_EQ(desk.wire.back().what(), "CANCEL");
  desk.from_wire(Desk::answer(desk.wire.back(), 200));
  desk.from_wire(Desk::answer(desk.wire[0], 487));
  EXPECT_EQ(desk.wire.back().what(), "ACK");
  desk.pass(seconds(40));
  EXPECT_TRUE(desk.all<ResponseReceived>().empty());
  EXPECT_EQ(desk.all<ClientFailed>().size(), 1u);
  EXPECT_EQ(desk.alive(), 0u);
}

TEST(InviteClient, GivenUpAndAcceptedComesUp) {
  Desk desk;
  const auto id = desk.send(Method::invite);
  desk.pass(seconds(33));
  desk.from_wire(Desk::answer(desk.wire[0], 180));
  desk.from_wire(Desk::answer(desk.wire[0], 200));
  ASSERT_EQ(desk.all<ResponseReceived>().size(), 1u);
  EXPECT_EQ(desk.last<ResponseReceived>()->id, id);
  EXPECT_EQ(desk.last<ResponseReceived>()->message.status(), 200);
  desk.pass(seconds(40));
  EXPECT_EQ(desk.alive(), 0u);
}

TEST(InviteClient, GivenUpStopsAskingAndEndsByItself) {
  Desk desk;
  const auto id = desk.send(Method::invite);
  desk.pass(seconds(33));
  const auto sent = desk.wire.size();
  EXPECT_FALSE(desk.layer.cancel(id, desk.now));
  desk.pass(seconds(178));
  EXPECT_EQ(desk.alive(), 1u);
  desk.pass(seconds(2));
  EXPECT_EQ(desk.alive(), 0u);
  EXPECT_EQ(desk.wire.size(), sent);
  EXPECT_EQ(desk.all<ClientFailed>().size(), 1u);
}

TEST(InviteClient, SuccessCrossesCancel) {
  Desk desk;
  const auto id = desk.send(Method::invite);
  desk.from_wire(Desk::answer(desk.wire[0], 180));
  desk.layer.cancel(id, desk.now);
  desk.drain();
  desk.from_wire(Desk::answer(desk.wire[0], 200));
  EXPECT_EQ(desk.last<ResponseReceived>()->message.status(), 200);
  EXPECT_FALSE(desk.layer.cancel(id, desk.now));
  desk.pass(seconds(40));
  EXPECT_EQ(desk.last<ClientFailed>(), nullptr);
  EXPECT_EQ(desk.alive(), 0u);
}

TEST(InviteClient, FinalResponseBeforeAnyProvisionalMakesCancelNeedless) {
  for (const int status : {200, 486}) {
    Desk desk;
    const auto id = desk.send(Method::invite);
    EXPECT_TRUE(desk.layer.cancel(id, desk.now));
    desk.from_wire(Desk::answer(desk.wire[0], status));
    EXPECT_TRUE(desk.times_ms("CANCEL").empty());
    EXPECT_FALSE(desk.layer.cancel(id, desk.now));
  }
}

TEST(InviteClient, CancelOfWhatIsNoInviteOrGone) {
  Desk desk;
  EXPECT_FALSE(desk.layer.cancel(desk.send(Method::options), desk.now));
  EXPECT_FALSE(desk.layer.cancel(ClientTransactionId{999}, desk.now));
}

TEST(OtherClient, FinalResponseComesUpOnce) {  // §17.1.2.2
  Desk desk;
  desk.send(Method::options);
  desk.from_wire(Desk::answer(desk.wire[0], 183));
  const auto ok = Desk::answer(desk.wire[0], 200);
  desk.from_wire(ok);
  desk.from_wire(ok);
  EXPECT_EQ(desk.all<ResponseReceived>().size(), 2u);
  EXPECT_EQ(desk.layer.counters().retransmissions_absorbed, 1u);
  EXPECT_TRUE(desk.took("nict:trying>proceeding"));
  EXPECT_TRUE(desk.took("nict:proceeding>completed"));
}

TEST(ClientMatching, StrayAndForeignResponsesAreDropped) {  // §17.1.3, §8.1.3.3
  Desk desk;
  desk.send(Method::options);
  const std::string good = Desk::answer(desk.wire[0], 200);
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos);
    return text.replace(at, from.size(), to);
  };
  desk.from_wire(changed("z9hG4bK", "z9hG4bKother"));
  desk.from_wire(changed("CSeq: 7 OPTIONS", "CSeq: 7 INVITE"));
  desk.from_wire(changed("From:", "Via: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKx\r\nFrom:"));
  EXPECT_TRUE(desk.events.empty());
  desk.from_wire(good);
  EXPECT_EQ(desk.events.size(), 1u);
}

TEST(AckOfSuccess, HasItsOwnBranchAndCanBeSentAgain) {  // §13.2.2.4
  Desk desk;
  desk.send(Method::invite);
  desk.from_wire(Desk::answer(desk.wire[0], 200));
  const auto handle = desk.layer.send_ack(Desk::request(Method::ack), desk.hop(), desk.now);
  desk.drain();
  desk.layer.resend_ack(*handle, desk.now);
  desk.drain();
  ASSERT_THAT(desk.what(), ElementsAre("INVITE", "ACK", "ACK"));
  EXPECT_EQ(desk.wire[1].bytes, desk.wire[2].bytes);
  EXPECT_NE(desk.wire[1].message().value(HeaderId::via), desk.wire[0].message().value(HeaderId::via));
  desk.pass(seconds(40));
  EXPECT_EQ(desk.wire.size(), 3u);
}

TEST(AckOfSuccess, WaitsForTheNameAndMayBeForgotten) {
  Desk desk;
  NextHop hop = desk.hop();
  hop.host = "proxy.example.com";
  auto handle = desk.layer.send_ack(Desk::request(Method::ack), hop, desk.now);
  desk.layer.resend_ack(*handle, desk.now);  // nothing to repeat yet
  auto forgotten = desk.layer.send_ack(Desk::request(Method::ack), hop, desk.now);
  forgotten.reset();
  desk.drain();
  EXPECT_TRUE(desk.wire.empty());
  ASSERT_EQ(desk.queries.size(), 1u);
  desk.answer_dns({desk.peer.ip});
  desk.drain();
  EXPECT_THAT(desk.what(), ElementsAre("ACK", "ACK"));
  desk.layer.resend_ack(*handle, desk.now);
  desk.drain();
  EXPECT_EQ(desk.wire.size(), 3u);
}

// Sending fails at each step on the way; the transaction ends once, with a sentence, and leaves nothing.
struct FailRow {
  const char* step;
  std::function<NextHop(Desk&)> hop;
  std::function<void(Desk&)> fail;
  const char* text;
};
class SendFails : public ::testing::TestWithParam<FailRow> {};

TEST_P(SendFails, EndsTheTransaction) {  // RFC 3261 §8.1.3.1, §17.1.4
  for (const auto method : {Method::invite, Method::register_}) {
    Desk desk;
    const auto id = desk.send(Desk::request(method), GetParam().hop(desk));
    GetParam().fail(desk);
    desk.drain();
    ASSERT_EQ(desk.all<ClientFailed>().size(), 1u) << GetParam().step;
    EXPECT_EQ(desk.last<ClientFailed>()->id, id);
    EXPECT_EQ(desk.last<ClientFailed>()->why, ClientFailed::Why::transport);
    EXPECT_THAT(desk.last<ClientFailed>()->text, ::testing::HasSubstr(GetParam().text));
    EXPECT_EQ(desk.alive(), 0u);
    EXPECT_EQ(desk.layer.counters().timers, 0u);
    EXPECT_EQ(desk.layer.transport().counters().pending, 0u);
    desk.pass(seconds(60));
    EXPECT_EQ(desk.all<ClientFailed>().size(), 1u);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Steps, SendFails,
    ::testing::Values(
        FailRow{"no socket of the family",
                [](Desk& desk) {
                  NextHop hop = desk.hop();
                  hop.host = "2001:db8::7";
                  return hop;
                },
                [](Desk&) {}, "There is no IPv6 UDP socket to reach [2001:db8::7]:5070"},
        FailRow{"the socket is gone",
                [](Desk& desk) {
                  NextHop hop = desk.hop();
                  hop.socket = desk.udp;
                  desk.layer.transport().remove_socket(desk.udp);
                  return hop;
                },
                [](Desk&) {}, "socket"},
        FailRow{"the resolver is dead",
                [](Desk& desk) {
                  NextHop hop = desk.hop();
                  hop.host = "nowhere.example";
                  return hop;
                },
                [](Desk& desk) {
                  DnsAnswer answer;
                  answer.outcome = DnsAnswer::Outcome::no_answer;
                  answer.text = "server 192.0.2.53:53 did not answer within 3 s";
                  desk.layer.transport().dns_answer(desk.queries.at(0).id, answer, desk.now);
                },
                "nowhere.example could not be resolved: A nowhere.example: server 192.0.2.53:53 did not"},
        FailRow{"the name has no address",
                [](Desk& desk) {
                  NextHop hop = desk.hop();
                  hop.host = "nowhere.example";
                  return hop;
                },
                [](Desk& desk) { desk.answer_dns({}); }, "there is no such name"},
        FailRow{"the connection is refused", [](Desk& desk) { return desk.hop(Transport::tcp); },
                [](Desk& desk) {
                  desk.layer.transport().closed(desk.opens.at(0).connection, "connection refused", desk.now);
                },
                "No TCP connection to 198.51.100.7:5070: connection refused"},
        FailRow{"the connection does not open", [](Desk& desk) { return desk.hop(Transport::tls); },
                [](Desk& desk) { desk.pass(seconds(6)); }, "nobody answered in time"},
        FailRow{"port unreachable", [](Desk& desk) { return desk.hop(); },
                [](Desk& desk) {
                  desk.layer.transport().datagram_failed(desk.udp, desk.peer, "port unreachable", desk.now);
                },
                "198.51.100.7:5070 cannot be reached: port unreachable"}));

TEST(SendFailure, OnceSomebodyAnsweredAnIcmpErrorEndsNothing) {
  Desk desk;
  desk.send(Method::invite);
  desk.from_wire(Desk::answer(desk.wire[0], 180));
  desk.layer.transport().datagram_failed(desk.udp, desk.peer, "port unreachable", desk.now);
  desk.drain();
  EXPECT_EQ(desk.last<ClientFailed>(), nullptr);
}

}  // namespace
}  // namespace sidetone::sip::test
