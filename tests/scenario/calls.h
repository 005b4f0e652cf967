// What scenarios of calls have in common: two phones, and the end that each of them must come to.
#pragma once

#include "wire_scenario.h"

namespace sidetone::test {

class TwoPhones : public WireScenario {
 protected:
  Node& a = wire.add("a", "10.0.0.1:5060");
  Node& b = wire.add("b", "10.0.0.2:5060");

  // The user answers each call at once, offers as well.
  static void answer_all(Node& node, const std::string& sdp) {
    node.on_event = [&node, sdp](const sip::Event& event) {
      if (const auto* invite = std::get_if<sip::IncomingInvite>(&event))
        EXPECT_TRUE(node.stack.accept(invite->session, sdp, {}, node.now()));
      if (const auto* offer = std::get_if<sip::OfferReceived>(&event))
        EXPECT_TRUE(node.stack.answer_offer(offer->session, sdp, node.now()));
    };
  }
  static sip::SessionId incoming(const Node& node) { return node.last<sip::IncomingInvite>()->session; }
  static int last_provisional(const Node& node) {
    const auto* last = node.find_last<sip::ProvisionalReceived>();
    return last ? last->status : 0;
  }
  sip::SessionId establish() {
    answer_all(b, sdp_b);
    const auto session = a.call(b, sdp_a);
    EXPECT_TRUE(wire.run_until([&] { return b.count<sip::Confirmed>() == 1; })) << wire.ladder();
    return session;
  }
  void expect_ended(const Node& node, sip::EndCause cause) {
    ASSERT_EQ(node.count<sip::SessionEnded>(), 1U) << node.name << "\n" << wire.ladder();
    EXPECT_EQ(node.last<sip::SessionEnded>()->cause, cause) << node.name << "\n" << wire.ladder();
  }
  void finish() {
    wire.run_dry();
    wire.expect_nothing_left();
  }
};

}  // namespace sidetone::test
