// RFC 5359: services that need nothing but INVITE: hold, consultation hold, forwarding, find-me, screening, a
// conference at one of its parties. All parties are stacks of ours, proxies are scripted.
#include <gmock/gmock.h>

#include "flow_scenario.h"
#include "searching_proxy.h"

namespace sidetone::test {
namespace {

using namespace sip;
using ::testing::ElementsAreArray;

std::string directed(const std::string& sdp, std::string_view direction) {
  return fmt::format("{}m=audio 49170 RTP/AVP 0\r\na={}\r\n", sdp, direction);
}

class Rfc5359Call : public FlowScenario {
 protected:
  Rfc5359Call() {
    for (auto* node : {&alice, &bob, &carol}) answer(*node, sdp_of(*node));
    proxy.route("alice@example", alice.address);
    proxy.route("bob@example", bob.address);
    proxy.route("carol@example", carol.address);
  }
  [[nodiscard]] const std::string& sdp_of(const Node& node) const {
    return &node == &alice ? sdp_a : &node == &bob ? sdp_b : sdp_c;
  }
  SessionId call(Node& from, AccountId line, std::string_view to) {
    return dial(from, line, to, sdp_of(from));
  }
  // The peer of the one established call that `node` answered or made.
  void expect_up(const Node& node, SessionId session) {
    const auto facts = node.stack.dialog(session);
    EXPECT_TRUE(facts && facts->confirmed) << node.name << "\n" << wire.ladder();
  }
  void offer_and_wait(Node& from, SessionId session, const std::string& sdp, Node& to) {
    const auto before = to.count<OfferConfirmed>();
    ASSERT_TRUE(from.stack.offer(session, sdp, wire.now()));
    ASSERT_TRUE(wire.run_until([&] { return to.count<OfferConfirmed>() == before + 1; })) << wire.ladder();
    EXPECT_EQ(to.last<OfferReceived>()->sdp, sdp);
  }

  Node& alice = phone("alice", "10.0.0.1");
  Node& bob = phone("bob", "10.0.0.2");
  Node& carol = phone("carol", "10.0.0.3");
  Proxy proxy{wire, "proxy", "10.0.0.10:5060"};
  AccountId alice_line = line(alice, "alice@example", "10.0.0.10");
  AccountId bob_line = line(bob, "bob@example", "10.0.0.10");
  AccountId carol_line = line(carol, "carol@example", "10.0.0.10");
};

SCENARIO(Rfc5359Call, call_hold) {  // §2.1: sendonly and back, by a re-INVITE each
  call(alice, alice_line, "bob@example");
  ASSERT_TRUE(confirmed(bob));
  forget_flow();
  const auto call = incoming(bob);
  offer_and_wait(bob, call, directed(sdp_b, "sendonly"), alice);
  offer_and_wait(bob, call, directed(sdp_b, "sendrecv"), alice);
  const Ladder exchange{"bob>proxy INVITE", "proxy>alice INVITE", "alice>proxy 200",
                        "proxy>bob 200",    "bob>proxy ACK",      "proxy>alice ACK"};
  auto both = exchange;
  both.insert(both.end(), exchange.begin(), exchange.end());
  EXPECT_THAT(flow_since(), ElementsAreArray(both));
  expect_up(bob, call);
  ASSERT_TRUE(bob.stack.end(call, {}, wire.now()));
  finish();
}

SCENARIO(Rfc5359Call, consultation_hold) {  // §2.2: Bob asks Carol while Alice waits
  call(alice, alice_line, "bob@example");
  ASSERT_TRUE(confirmed(bob));
  const auto first = incoming(bob);
  offer_and_wait(bob, first, directed(sdp_b, "sendonly"), alice);
  const auto consultation = call(bob, bob_line, "carol@example");
  ASSERT_TRUE(confirmed(carol));
  expect_up(bob, first);
  expect_up(bob, consultation);
  ASSERT_TRUE(bob.stack.end(consultation, {}, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return carol.count<SessionEnded>() == 1; }));
  offer_and_wait(bob, first, directed(sdp_b, "sendrecv"), alice);
  expect_up(bob, first);
  ASSERT_TRUE(bob.stack.end(first, {}, wire.now()));
  finish();
  EXPECT_EQ(alice.count<SessionEnded>(), 1U);
}

SCENARIO(Rfc5359Call, call_forwarding_unconditional) {  // §2.7: the proxy rewrites the Request-URI
  proxy.route("bob@example", carol.address, "sip:+19727293660@10.0.0.3");
  call(alice, alice_line, "bob@example");
  ASSERT_TRUE(confirmed(carol));
  EXPECT_EQ(bob.count<IncomingInvite>(), 0U);
  EXPECT_EQ(carol.last<IncomingInvite>()->request->request_uri(), "sip:+19727293660@10.0.0.3");
  // Whom the caller meant stands in the To (§8.1.1.2 of RFC 3261).
  EXPECT_EQ(carol.last<IncomingInvite>()->request->value(HeaderId::to), "<sip:bob@example>");
  ASSERT_TRUE(carol.stack.end(incoming(carol), {}, wire.now()));
  finish();
}

SCENARIO(Rfc5359Call, third_party_is_added_to_a_conference) {  // §2.10: Bob mixes
  call(alice, alice_line, "bob@example");
  ASSERT_TRUE(confirmed(bob));
  const auto with_alice = incoming(bob);
  offer_and_wait(bob, with_alice, directed(sdp_b, "sendrecv"), alice);
  const auto with_carol = dial(bob, bob_line, "carol@example", sdp_b, {{"Subject", "three of us"}});
  ASSERT_TRUE(confirmed(carol));
  expect_up(bob, with_alice);
  expect_up(bob, with_carol);
  // One party leaves, the others go on.
  ASSERT_TRUE(alice.stack.end(alice.last<Accepted>()->session, {}, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return bob.count<SessionEnded>() == 1; }));
  expect_up(bob, with_carol);
  ASSERT_TRUE(bob.stack.end(with_carol, {}, wire.now()));
  finish();
}

SCENARIO(Rfc5359Call, incoming_call_screening) {  // §2.13: Bob's proxy refuses for him
  proxy.decide = [](Message& request) -> std::optional<Message> {
    if (request.method() != Method::invite) return std::nullopt;
    return Message::response(request, 403, "Screening Failure", "proxy");
  };
  call(alice, alice_line, "bob@example");
  finish();
  EXPECT_EQ(alice.last<SessionEnded>()->cause, EndCause::refused);
  EXPECT_EQ(alice.last<SessionEnded>()->status, 403);
  EXPECT_EQ(alice.last<SessionEnded>()->text, "Screening Failure");
  EXPECT_EQ(bob.count<IncomingInvite>(), 0U);
  EXPECT_THAT(flow(), ElementsAreArray({"alice>proxy INVITE", "proxy>alice 403", "alice>proxy ACK"}));
}

SCENARIO(Rfc5359Call, outgoing_call_screening) {  // §2.14: first the credentials, then the refusal
  auto account = *alice.stack.account(alice_line);
  account.credentials = {"alice", Secret<std::string>("secret"), {}};
  alice.stack.remove_account(alice_line, wire.now());
  const auto known = alice.stack.add_account(account, wire.now());
  proxy.demand("alice", "secret");
  proxy.decide = [](Message& request) -> std::optional<Message> {
    return Message::response(request, 403, "Call Screened", "proxy");
  };
  call(alice, known, "bob@example");
  finish();
  EXPECT_EQ(alice.last<SessionEnded>()->status, 403);
  EXPECT_THAT(flow(), ElementsAreArray({"alice>proxy INVITE", "proxy>alice 407", "alice>proxy ACK",
                                        "alice>proxy INVITE", "proxy>alice 403", "alice>proxy ACK"}));
}

class Rfc5359Search : public FlowScenario {
 protected:
  void refuse(Node& node, int status) {
    node.on_event = [&node, status](const Event& event) {
      if (const auto* invite = std::get_if<IncomingInvite>(&event))
        EXPECT_TRUE(node.stack.reject(invite->session, {status, "", {}, "", ""}, node.now()));
    };
  }
  static void only_ring(Node& node) {
    node.on_event = [&node](const Event& event) {
      if (const auto* invite = std::get_if<IncomingInvite>(&event))
        EXPECT_TRUE(node.stack.provisional(invite->session, {}, node.now()));
    };
  }
  // Bob's sets; each believes in the proxy.
  Node& set(int number) {
    auto& node = phone(fmt::format("b{}", number), fmt::format("10.0.0.2{}", number));
    line(node, "bob@example", "10.0.0.10");
    return node;
  }

  Node& alice = phone("alice", "10.0.0.1");
  AccountId alice_line = line(alice, "alice@example", "10.0.0.10");
  SearchingProxy proxy{wire, "proxy", "10.0.0.10:5060"};
};

SCENARIO(Rfc5359Search, call_forwarding_busy) {  // §2.8
  auto& b1 = set(1);
  auto& b2 = set(2);
  refuse(b1, 486);
  answer(b2, sdp_b);
  proxy.search({b1.address, b2.address}, seconds(20));
  const auto call = dial(alice, alice_line, "bob@example", sdp_a);
  ASSERT_TRUE(confirmed(b2)) << wire.ladder();
  EXPECT_EQ(b1.last<SessionEnded>()->cause, EndCause::rejected);
  ASSERT_TRUE(alice.stack.end(call, {}, wire.now()));
  finish();
  EXPECT_THAT(flow(),
              ElementsAreArray({"alice>proxy INVITE", "proxy>b1 INVITE", "b1>proxy 486", "proxy>b1 ACK",
                                "proxy>alice 181", "proxy>b2 INVITE", "b2>proxy 180", "b2>proxy 200",
                                "proxy>alice 180", "proxy>alice 200", "alice>proxy ACK", "proxy>b2 ACK",
                                "alice>proxy BYE", "proxy>b2 BYE", "b2>proxy 200", "proxy>alice 200"}));
}

SCENARIO(Rfc5359Search, call_forwarding_no_answer) {  // §2.9
  auto& b1 = set(1);
  auto& b2 = set(2);
  only_ring(b1);
  answer(b2, sdp_b);
  proxy.search({b1.address, b2.address}, seconds(20));
  const auto call = dial(alice, alice_line, "bob@example", sdp_a);
  ASSERT_TRUE(confirmed(b2)) << wire.ladder();
  EXPECT_EQ(b1.last<SessionEnded>()->cause, EndCause::cancelled_by_peer);
  EXPECT_EQ(alice.count<Accepted>(), 1U);
  ASSERT_TRUE(alice.stack.end(call, {}, wire.now()));
  finish();
}

SCENARIO(Rfc5359Search, find_me) {  // §2.12: rings, is not there, is busy, answers
  auto& b1 = set(1);
  auto& b2 = set(2);
  auto& b3 = set(3);
  auto& b4 = set(4);
  only_ring(b1);
  refuse(b2, 480);
  refuse(b3, 486);
  answer(b4, sdp_b);
  proxy.search({b1.address, b2.address, b3.address, b4.address}, seconds(10));
  dial(alice, alice_line, "bob@example", sdp_a);
  ASSERT_TRUE(confirmed(b4)) << wire.ladder();
  ASSERT_TRUE(b4.stack.end(incoming(b4), {}, wire.now()));
  finish();
  EXPECT_EQ(alice.last<SessionEnded>()->cause, EndCause::bye_received);
  for (const auto* early : {&b1, &b2, &b3}) EXPECT_EQ(early->count<SessionEnded>(), 1U) << early->name;
}

}  // namespace
}  // namespace sidetone::test
