// A call that rings at several places (RFC 3261 §12.1, §13.2.2.4), behind a scripted fork: the branches are
// raw responses, the caller is a real stack.
#include "wire_scenario.h"

namespace sidetone::test {
namespace {

using namespace sip;

class SipFork : public WireScenario {
 protected:
  SipFork() {
    wire.add_peer("10.0.0.9:5060", [this](const Message& message, Address from) {
      requests.push_back(message);
      caller = from;
      if (message.is_request() && (message.method() == Method::bye || message.method() == Method::prack))
        send(Message::response(message, 200, "OK", ""));
      if (message.is_request() && message.method() == Method::cancel) {
        send(Message::response(message, 200, "OK", "cancel"));
        if (answers_cancel) send(Message::response(invite(), 487, "Request Terminated", "cancel"));
      }
    });
    Invite wish;
    wish.target = "sip:all@10.0.0.9";
    wish.from_uri = a.uri("caller");
    wish.sdp = sdp_a;
    session = *a.stack.invite(wish, wire.now());
    wire.run_for(milliseconds(5));
  }
  [[nodiscard]] Message invite() const {
    for (const auto& request : requests)
      if (request.method() == Method::invite) return request;
    return {};
  }
  void send(const Message& message) { wire.inject(peer, caller, message); }
  void respond(int status, std::string_view branch, const std::string& sdp = "", int rseq = 0) {
    auto response = Message::response(invite(), status, "", branch);
    response.add(HeaderId::contact, fmt::format("<sip:{}@10.0.0.9>", branch));
    if (rseq != 0) {
      response.add(HeaderId::require, "100rel");
      response.add(HeaderId::rseq, std::to_string(rseq));
    }
    if (!sdp.empty()) response.set_body(sdp, "application/sdp");
    send(response);
    wire.run_for(milliseconds(5));
  }
  Kept<std::string> targets(Method method) const {
    Kept<std::string> found;
    for (const auto& request : requests)
      if (request.is_request() && request.method() == method) found.emplace_back(request.request_uri());
    return found;
  }
  void finish() {
    wire.run_dry();
    wire.expect_nothing_left();
    EXPECT_EQ(a.count<SessionEnded>(), 1U) << wire.ladder();
  }

  Node& a = wire.add("a", "10.0.0.1:5060");
  Address peer = *Address::parse("10.0.0.9:5060", 0);
  Address caller;
  Kept<Message> requests;
  SessionId session;
  bool answers_cancel = true;
};

SCENARIO(SipFork, each_branch_is_an_early_dialog_and_the_first_2xx_wins) {
  respond(180, "one");
  respond(183, "two", sdp_b);
  respond(180, "one");
  const auto provisional = a.all<ProvisionalReceived>();
  ASSERT_EQ(provisional.size(), 3U);
  EXPECT_NE(provisional[0]->branch, provisional[1]->branch);
  EXPECT_EQ(provisional[0]->branch, provisional[2]->branch);
  EXPECT_EQ(a.stack.counters().dialogs, 2U);
  EXPECT_FALSE(a.stack.dialog(session));  // which one is open
  respond(200, "two", sdp_b);
  ASSERT_EQ(a.count<Accepted>(), 1U);
  EXPECT_EQ(a.last<Accepted>()->branch, provisional[1]->branch);
  EXPECT_EQ(a.dialog(session).remote_tag, "two");
  EXPECT_EQ(a.stack.counters().dialogs, 1U);

  respond(200, "one", sdp_c);    // late: ACK and BYE by themselves
  respond(200, "three", sdp_c);  // from where nothing was heard before
  respond(200, "one", sdp_c);    // once more: ACK again, no second BYE
  EXPECT_EQ(targets(Method::ack), (std::vector<std::string>{"sip:two@10.0.0.9", "sip:one@10.0.0.9",
                                                            "sip:three@10.0.0.9", "sip:one@10.0.0.9"}));
  EXPECT_EQ(targets(Method::bye), (std::vector<std::string>{"sip:one@10.0.0.9", "sip:three@10.0.0.9"}));
  EXPECT_EQ(a.count<Accepted>(), 1U);
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  wire.run_for(milliseconds(5));
  respond(200, "four", sdp_c);  // later than the session itself
  EXPECT_EQ(targets(Method::bye).back(), "sip:four@10.0.0.9");
  finish();
}

SCENARIO(SipFork, answers_that_cross_cancel_from_two_branches) {
  answers_cancel = false;
  respond(180, "one");
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  respond(200, "one", sdp_b);
  respond(200, "two", sdp_b);
  EXPECT_EQ(targets(Method::bye), (std::vector<std::string>{"sip:one@10.0.0.9", "sip:two@10.0.0.9"}));
  finish();
  EXPECT_EQ(a.last<SessionEnded>()->cause, EndCause::cancelled);
  EXPECT_EQ(a.count<Accepted>(), 0U);
}

SCENARIO(SipFork, reliable_responses_are_counted_per_branch) {  // RFC 3262 §4
  respond(183, "one", sdp_b, 7);
  respond(183, "two", sdp_c, 3);
  respond(183, "one", sdp_b, 7);  // again: no second PRACK
  respond(180, "one", "", 9);     // 8 is missing: not acknowledged
  EXPECT_EQ(targets(Method::prack), (std::vector<std::string>{"sip:one@10.0.0.9", "sip:two@10.0.0.9"}));
  EXPECT_EQ(requests.back().value(HeaderId::rack), "3 1 INVITE");
  EXPECT_EQ(a.count<ProvisionalReceived>(), 2U);
  respond(180, "one", "", 8);
  respond(180, "one", "", 9);
  EXPECT_EQ(targets(Method::prack).size(), 4U);
  EXPECT_EQ(requests.back().value(HeaderId::rack), "9 1 INVITE");
  // Each PRACK used the CSeq of its own dialog; the BYE goes on from there (§12.2.1.1).
  respond(200, "one");
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  wire.run_for(milliseconds(5));
  EXPECT_EQ(requests.back().value(HeaderId::cseq), "5 BYE");
  finish();
}

SCENARIO(SipFork, more_branches_than_anybody_needs) {
  for (int i = 0; i < 40; ++i) respond(180, fmt::format("branch{}", i));
  EXPECT_EQ(a.stack.counters().dialogs, 32U);
  EXPECT_EQ(a.count<ProvisionalReceived>(), 40U);
  EXPECT_FALSE(a.last<ProvisionalReceived>()->branch);
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  finish();
}

SCENARIO(SipFork, provisional_response_without_tag_makes_no_dialog) {
  auto response = Message::response(invite(), 181, "", "");
  send(response);
  wire.run_for(milliseconds(5));
  EXPECT_EQ(a.last<ProvisionalReceived>()->status, 181);
  EXPECT_FALSE(a.last<ProvisionalReceived>()->branch);
  EXPECT_EQ(a.stack.counters().dialogs, 0U);
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  finish();
}

SCENARIO(SipFork, route_set_of_the_2xx) {  // §12.1.2, §12.2.1.1
  auto response = Message::response(invite(), 200, "", "one");
  response.add(HeaderId::contact, "<sip:callee@192.0.2.77>");
  response.add(HeaderId::record_route, "<sip:far@10.0.0.8;lr>");
  response.add(HeaderId::record_route, "<sip:near@10.0.0.9;lr>");
  response.set_body(sdp_b, "application/sdp");
  send(response);
  wire.run_for(milliseconds(5));
  const auto ack = requests.back();
  EXPECT_EQ(ack.method(), Method::ack);
  EXPECT_EQ(ack.request_uri(), "sip:callee@192.0.2.77");
  EXPECT_EQ(ack.values(HeaderId::route),
            (std::vector<std::string_view>{"<sip:near@10.0.0.9;lr>", "<sip:far@10.0.0.8;lr>"}));
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  finish();
}

}  // namespace
}  // namespace sidetone::test
