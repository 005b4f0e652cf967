// RFC 3665 §3: sessions. Proxies and redirect servers are scripted, both user agents are ours; each flow is
// compared with the RFC's, hop by hop (100 aside, and CANCEL's 200 comes from the callee, as the proxies keep
// no state).
#include <gmock/gmock.h>

#include "flow_scenario.h"

namespace sidetone::test {
namespace {

using namespace sip;
using ::testing::ElementsAreArray;

class Rfc3665Call : public FlowScenario {
 protected:
  Rfc3665Call() {
    proxy1.route("biloxi.example", *Address::parse("10.0.0.12:5060", 0));
    proxy2.route("bob@biloxi.example", bob.address, "sip:bob@10.0.0.2");
    proxy2.route("alice@atlanta.example", *Address::parse("10.0.0.11:5060", 0));
  }
  SessionId call(std::string sdp = sdp_a) {
    return dial(alice, alice_line, "bob@biloxi.example", std::move(sdp));
  }
  void expect_flow(const Ladder& steps) { EXPECT_THAT(flow(), ElementsAreArray(steps)) << wire.ladder(); }

  Node& alice = phone("alice", "10.0.0.1");
  Node& bob = phone("bob", "10.0.0.2");
  Proxy proxy1{wire, "proxy1", "10.0.0.11:5060"};
  Proxy proxy2{wire, "proxy2", "10.0.0.12:5060"};
  AccountId alice_line = line(alice, "alice@atlanta.example", "10.0.0.11", "secret-a");
  AccountId bob_line = line(bob, "bob@biloxi.example", "10.0.0.12", "secret-b");
};

const Ladder hang_up_by_bob{"bob>proxy2 BYE",   "proxy2>proxy1 BYE", "proxy1>alice BYE",
                            "alice>proxy1 200", "proxy1>proxy2 200", "proxy2>bob 200"};

Ladder operator+(Ladder first, const Ladder& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

const Ladder set_up_through_two{"alice>proxy1 INVITE", "proxy1>proxy2 INVITE", "proxy2>bob INVITE",
                                "bob>proxy2 180",      "proxy2>proxy1 180",    "proxy1>alice 180",
                                "bob>proxy2 200",      "proxy2>proxy1 200",    "proxy1>alice 200",
                                "alice>proxy1 ACK",    "proxy1>proxy2 ACK",    "proxy2>bob ACK"};

// Rings for a while, as people do: the flow's lines then stand in the RFC's order.
void answer_later(Node& node, const std::string& sdp) {
  node.on_event = [&node, sdp](const Event& event) {
    if (const auto* invite = std::get_if<IncomingInvite>(&event)) {
      EXPECT_TRUE(node.stack.provisional(invite->session, {}, node.now()));
      node.wire.after(milliseconds(300), [&node, sdp, session = invite->session] {
        EXPECT_TRUE(node.stack.accept(session, sdp, {}, node.now()));
      });
    }
    if (const auto* offer = std::get_if<OfferReceived>(&event))
      EXPECT_TRUE(node.stack.answer_offer(offer->session, sdp, node.now()));
  };
}

SCENARIO(Rfc3665Call, successful_session_establishment) {  // §3.1, from user agent to user agent
  answer_later(bob, sdp_b);
  Invite invite;
  invite.account = alice_line;
  invite.target = "sip:bob@10.0.0.2";
  invite.sdp = sdp_a;
  // Bob's line listens to his proxy only; here he has none.
  bob.stack.remove_account(bob_line, wire.now());
  line(bob, "bob@biloxi.example", "10.0.0.1");
  invite.next_hop = bob.hop();
  ASSERT_TRUE(alice.stack.invite(invite, wire.now()));
  ASSERT_TRUE(confirmed(bob));
  ASSERT_TRUE(bob.stack.end(incoming(bob), {}, wire.now()));
  finish();
  expect_flow({"alice>bob INVITE", "bob>alice 180", "bob>alice 200", "alice>bob ACK", "bob>alice BYE",
               "alice>bob 200"});
}

SCENARIO(Rfc3665Call, through_two_proxies) {  // §3.2
  proxy1.demand("alice", "secret-a");
  answer_later(bob, sdp_b);
  call();
  ASSERT_TRUE(confirmed(bob));
  // §12.1.1, §12.1.2: the route sets of the two sides are each other's reverse.
  EXPECT_EQ(wire.last("ACK")->message().values(HeaderId::route).size(), 0U);
  ASSERT_TRUE(bob.stack.end(incoming(bob), {}, wire.now()));
  finish();
  expect_flow(Ladder{"alice>proxy1 INVITE", "proxy1>alice 407", "alice>proxy1 ACK"} + set_up_through_two +
              hang_up_by_bob);
}

SCENARIO(Rfc3665Call, with_multiple_proxy_authentication) {  // §3.3
  proxy1.demand("alice", "secret-a");
  proxy2.demand("alice", "secret-a");
  answer_later(bob, sdp_b);
  const auto session = call();
  ASSERT_TRUE(confirmed(bob));
  const auto invite = wire.last("INVITE")->message();
  EXPECT_EQ(invite.values(HeaderId::proxy_authorization).size(), 2U) << wire.last("INVITE")->bytes;
  ASSERT_TRUE(alice.stack.end(session, {}, wire.now()));
  finish();
  expect_flow(Ladder{"alice>proxy1 INVITE", "proxy1>alice 407", "alice>proxy1 ACK", "alice>proxy1 INVITE",
                     "proxy1>proxy2 INVITE", "proxy2>proxy1 407", "proxy1>alice 407", "alice>proxy1 ACK",
                     "alice>proxy1 INVITE", "proxy1>proxy2 ACK"} +
              Ladder(set_up_through_two.begin() + 1, set_up_through_two.end()) +
              Ladder{"alice>proxy1 BYE", "proxy1>proxy2 BYE", "proxy2>bob BYE", "bob>proxy2 200",
                     "proxy2>proxy1 200", "proxy1>alice 200"});
}

SCENARIO(Rfc3665Call, with_proxy_failure) {  // §3.4: proxy 1 takes the INVITE seven times and says nothing
  proxy1.out_of_service = true;
  proxy2.demand("alice", "secret-a");
  answer_later(bob, sdp_b);
  const auto first = call();
  ASSERT_TRUE(wire.run_until([&] { return alice.count<SessionEnded>() == 1; }));
  EXPECT_EQ(alice.last<SessionEnded>()->session, first);
  EXPECT_EQ(alice.last<SessionEnded>()->status, 408);
  Invite again;
  again.account = alice_line;
  again.target = "sip:bob@biloxi.example";
  again.sdp = sdp_a;
  again.next_hop = NextHop{Transport::udp, "10.0.0.12", 5060, {}, {}};
  ASSERT_TRUE(alice.stack.invite(again, wire.now()));
  ASSERT_TRUE(confirmed(bob));
  ASSERT_TRUE(bob.stack.end(incoming(bob), {}, wire.now()));
  finish();
  expect_flow(Ladder(7, "alice>proxy1 INVITE") +
              Ladder{"alice>proxy2 INVITE", "proxy2>alice 407", "alice>proxy2 ACK", "alice>proxy2 INVITE",
                     "proxy2>bob INVITE", "bob>proxy2 180", "proxy2>alice 180", "bob>proxy2 200",
                     "proxy2>alice 200", "alice>proxy2 ACK", "proxy2>bob ACK", "bob>proxy2 BYE",
                     "proxy2>alice BYE", "alice>proxy2 200", "proxy2>bob 200"});
}

SCENARIO(Rfc3665Call, through_an_alg) {  // §3.5: the proxy puts its own address into the descriptions
  const auto relay = [](Message& message) {
    std::string body(message.body());
    for (auto at = body.find("192.0.2."); at != std::string::npos; at = body.find("192.0.2.", at))
      body.replace(at, 9, "198.51.100.9");
    if (!body.empty()) message.set_body(body, "application/sdp");
  };
  proxy1.rewrite = relay;
  answer_later(bob, sdp_b);
  call();
  ASSERT_TRUE(confirmed(bob));
  EXPECT_NE(bob.last<IncomingInvite>()->sdp.find("198.51.100.9"), std::string::npos);
  EXPECT_NE(alice.last<Accepted>()->sdp.find("198.51.100.9"), std::string::npos);
  ASSERT_TRUE(bob.stack.end(incoming(bob), {}, wire.now()));
  finish();
  expect_flow(set_up_through_two + hang_up_by_bob);
}

SCENARIO(Rfc3665Call, redirected_with_sdp_in_the_ack) {  // §3.6
  proxy1.decide = [](Message& request) -> std::optional<Message> {
    auto response = Message::response(request, 302, "", "redirect");
    response.add(HeaderId::contact, "<sip:bob@10.0.0.12>");
    return response;
  };
  proxy2.route("bob@10.0.0.12", bob.address, "sip:bob@10.0.0.2");
  answer_later(bob, sdp_b);
  const auto session = dial(alice, alice_line, "bob@biloxi.example", "");
  // Whoever follows the 302, the stack or its user, the flow is the same.
  alice.on_event = [&](const Event& event) {
    const auto* ended = std::get_if<SessionEnded>(&event);
    if (!ended || ended->session != session || ended->status != 302) return;
    Invite again;
    again.account = alice_line;
    again.target = "sip:bob@10.0.0.12";
    again.next_hop = NextHop{Transport::udp, "10.0.0.12", 5060, {}, {}};
    EXPECT_TRUE(alice.stack.invite(again, alice.now()));
  };
  ASSERT_TRUE(wire.run_until([&] { return alice.count<Accepted>() == 1; })) << wire.ladder();
  EXPECT_TRUE(alice.last<Accepted>()->needs_ack);
  ASSERT_TRUE(alice.stack.ack(alice.last<Accepted>()->session, sdp_a, wire.now()));
  ASSERT_TRUE(confirmed(bob));
  EXPECT_EQ(bob.last<Confirmed>()->sdp, sdp_a);
  ASSERT_TRUE(bob.stack.end(incoming(bob), {}, wire.now()));
  finish();
  expect_flow({"alice>proxy1 INVITE", "proxy1>alice 302", "alice>proxy1 ACK", "alice>proxy2 INVITE",
               "proxy2>bob INVITE", "bob>proxy2 180", "proxy2>alice 180", "bob>proxy2 200",
               "proxy2>alice 200", "alice>proxy2 ACK", "proxy2>bob ACK", "bob>proxy2 BYE", "proxy2>alice BYE",
               "alice>proxy2 200", "proxy2>bob 200"});
}

SCENARIO(Rfc3665Call, with_reinvite_because_an_address_changed) {  // §3.7
  answer_later(bob, sdp_b);
  const auto session = call();
  ASSERT_TRUE(confirmed(bob));
  answer(alice, sdp_a);
  forget_flow();
  ASSERT_TRUE(bob.stack.offer(incoming(bob), sdp_c, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return alice.count<OfferConfirmed>() == 1; }));
  EXPECT_EQ(alice.last<OfferReceived>()->sdp, sdp_c);
  ASSERT_TRUE(alice.stack.end(session, {}, wire.now()));
  finish();
  EXPECT_THAT(
      flow_since(),
      ElementsAreArray({"bob>proxy2 INVITE", "proxy2>proxy1 INVITE", "proxy1>alice INVITE",
                        "alice>proxy1 200", "proxy1>proxy2 200", "proxy2>bob 200", "bob>proxy2 ACK",
                        "proxy2>proxy1 ACK", "proxy1>alice ACK", "alice>proxy1 BYE", "proxy1>proxy2 BYE",
                        "proxy2>bob BYE", "bob>proxy2 200", "proxy2>proxy1 200", "proxy1>alice 200"}));
}

SCENARIO(Rfc3665Call, no_answer) {  // §3.8
  const auto session = call();
  ASSERT_TRUE(wire.run_until([&] { return bob.count<IncomingInvite>() == 1; }));
  ASSERT_TRUE(bob.stack.provisional(incoming(bob), {}, wire.now()));
  wire.run_for(seconds(20));
  ASSERT_TRUE(alice.stack.end(session, {}, wire.now()));
  finish();
  EXPECT_EQ(alice.last<SessionEnded>()->cause, EndCause::cancelled);
  EXPECT_EQ(bob.last<SessionEnded>()->cause, EndCause::cancelled_by_peer);
  EXPECT_EQ(wire.count("CANCEL"), 3U);
  EXPECT_EQ(wire.count("SIP/2.0 487"), 3U);
  EXPECT_EQ(wire.count("ACK"), 3U);
}

// §3.9, §3.11: what Bob's user agent says comes to Alice, and each hop has its ACK.
SCENARIO(Rfc3665Call, busy_and_temporarily_unavailable) {
  for (const int status : {486, 480}) {
    SCOPED_TRACE(status);
    forget_flow();
    bob.on_event = [&, status](const Event& event) {
      if (const auto* invite = std::get_if<IncomingInvite>(&event))
        EXPECT_TRUE(bob.stack.reject(invite->session, {status, "", {}, "", ""}, bob.now()));
    };
    call();
    wire.run_for(seconds(60));
    EXPECT_EQ(alice.last<SessionEnded>()->status, status);
    EXPECT_EQ(alice.last<SessionEnded>()->cause, EndCause::refused);
    const auto refused = std::to_string(status);
    EXPECT_THAT(flow_since(),
                ElementsAreArray({std::string("alice>proxy1 INVITE"), std::string("proxy1>proxy2 INVITE"),
                                  std::string("proxy2>bob INVITE"), "bob>proxy2 " + refused,
                                  "proxy2>proxy1 " + refused, "proxy1>alice " + refused,
                                  std::string("alice>proxy1 ACK"), std::string("proxy1>proxy2 ACK"),
                                  std::string("proxy2>bob ACK")}));
  }
  finish();
}

SCENARIO(Rfc3665Call, no_response_from_the_user_agent) {  // §3.10: the proxy says 100, and gives up with 480
  const auto respond = [this](const Message& invite, int status) {
    auto response = Message::response(invite, status, "", status == 100 ? "" : "proxy2");
    wire.inject(*Address::parse("10.0.0.12:5060", 0), *Address::parse("10.0.0.11:5060", 0), response);
  };
  proxy2.decide = [&](Message& request) -> std::optional<Message> {
    wire.after(seconds(32), [&, invite = request] { respond(invite, 480); });
    return Message::response(request, 100, "", "");
  };
  call();
  ASSERT_TRUE(wire.run_until([&] { return alice.count<SessionEnded>() == 1; }));
  EXPECT_EQ(alice.last<SessionEnded>()->cause, EndCause::refused);
  EXPECT_EQ(alice.last<SessionEnded>()->status, 480);
  finish();
  expect_flow({"alice>proxy1 INVITE", "proxy1>proxy2 INVITE", "proxy2>proxy1 480", "proxy1>alice 480",
               "alice>proxy1 ACK", "proxy1>proxy2 ACK"});
}

}  // namespace
}  // namespace sidetone::test
