// RFC 6337 §2.2, table 1: each of the six ways to exchange an offer and an answer, with our core on both
// ends, and table 2: how each of them is refused. Each row runs once on a good network and once for each
// message that may be lost.
#include "calls.h"

namespace sidetone::test {
namespace {

using namespace sip;

const std::string sdp_offer_2 =
    "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\na=x\r\n";
const std::string sdp_answer_2 =
    "v=0\r\no=- 2 2 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\na=y\r\n";

// Two phones whose users follow a script.
struct Talk {
  explicit Talk(Wire& the_wire) : wire(the_wire) {}
  SessionId call(std::string sdp, bool prack_by_user = false) {
    Invite wish;
    wish.target = b.uri("callee");
    wish.from_uri = a.uri("caller");
    wish.sdp = std::move(sdp);
    wish.prack_by_user = prack_by_user;
    caller = *a.stack.invite(wish, wire.now());
    wire.settle(a);
    return caller;
  }
  bool until(const std::function<bool()>& done) { return wire.run_until(done, seconds(40)); }
  [[nodiscard]] SessionId callee() const { return b.last<IncomingInvite>()->session; }
  void rings(std::string sdp) {
    ASSERT_TRUE(until([&] { return b.count<IncomingInvite>() == 1; })) << wire.ladder();
    ASSERT_TRUE(b.stack.provisional(callee(), {183, "", std::move(sdp), true, {}}, wire.now()));
  }
  bool progresses() {
    return until([&] {
      const auto* last = a.find_last<ProvisionalReceived>();
      return last && last->status == 183;
    });
  }
  // The callee answers without another description, and the caller sees none.
  void answered_already() {
    ASSERT_TRUE(b.stack.accept(callee(), "", {}, wire.now()));
    ASSERT_TRUE(until([&] { return b.count<Confirmed>() == 1; })) << wire.ladder();
    EXPECT_EQ(a.last<Accepted>()->sdp, "");
    EXPECT_FALSE(a.last<Accepted>()->needs_ack);
    EXPECT_EQ(b.last<Confirmed>()->sdp, "");
  }
  void end() {
    ASSERT_TRUE(a.stack.end(caller, {}, wire.now()));
    wire.run_dry();
    wire.expect_nothing_left();
    EXPECT_EQ(a.count<SessionEnded>(), 1U) << wire.ladder();
    EXPECT_EQ(b.count<SessionEnded>(), 1U) << wire.ladder();
  }
  [[nodiscard]] std::size_t answers(int status, std::string_view method) const {
    return wire.count([&](const Crossing& c) { return c.answers(status, method); });
  }

  Wire& wire;
  Node& a = wire.add("a", "10.0.0.1:5060");
  Node& b = wire.add("b", "10.0.0.2:5060");
  SessionId caller;
};

struct Pattern {
  const char* name;  // offer and answer, with the row of table 1
  void (*run)(Talk&);
};

const Pattern patterns[] = {
    {"1_INVITE_2xx",
     [](Talk& t) {
       t.call(sdp_a);
       ASSERT_TRUE(t.until([&] { return t.b.count<IncomingInvite>() == 1; }));
       EXPECT_EQ(t.b.last<IncomingInvite>()->sdp, sdp_a);
       ASSERT_TRUE(t.b.stack.accept(t.callee(), sdp_b, {}, t.wire.now()));
       ASSERT_TRUE(t.until([&] { return t.b.count<Confirmed>() == 1; })) << t.wire.ladder();
       EXPECT_EQ(t.a.last<Accepted>()->sdp, sdp_b);
     }},
    {"2_2xx_ACK",
     [](Talk& t) {
       t.call("");
       ASSERT_TRUE(t.until([&] { return t.b.count<IncomingInvite>() == 1; }));
       EXPECT_EQ(t.b.last<IncomingInvite>()->sdp, "");
       ASSERT_TRUE(t.b.stack.accept(t.callee(), sdp_b, {}, t.wire.now()));
       ASSERT_TRUE(t.until([&] { return t.a.count<Accepted>() == 1; }));
       EXPECT_TRUE(t.a.last<Accepted>()->needs_ack);
       ASSERT_TRUE(t.a.stack.ack(t.caller, sdp_a, t.wire.now()));
       ASSERT_TRUE(t.until([&] { return t.b.count<Confirmed>() == 1; })) << t.wire.ladder();
       EXPECT_EQ(t.b.last<Confirmed>()->sdp, sdp_a);
     }},
    {"3_INVITE_1xx",
     [](Talk& t) {
       t.call(sdp_a);
       t.rings(sdp_b);
       ASSERT_TRUE(t.until([&] { return t.answers(200, "PRACK") >= 1; })) << t.wire.ladder();
       EXPECT_EQ(t.a.last<ProvisionalReceived>()->sdp, sdp_b);
       t.answered_already();
     }},
    {"4_1xx_PRACK",
     [](Talk& t) {
       t.call("");
       t.rings(sdp_b);
       ASSERT_TRUE(t.progresses()) << t.wire.ladder();
       const auto* offer = t.a.last<ProvisionalReceived>();
       EXPECT_EQ(offer->sdp, sdp_b);
       ASSERT_TRUE(offer->needs_prack);
       EXPECT_FALSE(t.a.stack.prack(t.caller, offer->branch, "", t.wire.now()));  // it must answer
       ASSERT_TRUE(t.a.stack.prack(t.caller, offer->branch, sdp_a, t.wire.now()));
       ASSERT_TRUE(t.until([&] { return t.b.count<OfferConfirmed>() == 1; })) << t.wire.ladder();
       EXPECT_EQ(t.b.last<OfferConfirmed>()->sdp, sdp_a);
       t.answered_already();
     }},
    {"5_PRACK_200",
     [](Talk& t) {
       t.call(sdp_a, true);
       t.rings(sdp_b);
       ASSERT_TRUE(t.progresses()) << t.wire.ladder();
       const auto branch = t.a.last<ProvisionalReceived>()->branch;
       EXPECT_TRUE(t.a.last<ProvisionalReceived>()->needs_prack);
       ASSERT_TRUE(t.a.stack.prack(t.caller, branch, sdp_offer_2, t.wire.now()));
       ASSERT_TRUE(t.until([&] { return t.b.count<OfferReceived>() == 1; })) << t.wire.ladder();
       EXPECT_EQ(t.b.last<OfferReceived>()->sdp, sdp_offer_2);
       ASSERT_TRUE(t.b.stack.answer_offer(t.callee(), sdp_answer_2, t.wire.now()));
       ASSERT_TRUE(t.until([&] { return t.a.count<OfferAnswered>() == 1; })) << t.wire.ladder();
       EXPECT_EQ(t.a.last<OfferAnswered>()->sdp, sdp_answer_2);
       EXPECT_EQ(t.a.last<OfferAnswered>()->branch, branch);
       t.answered_already();
     }},
    {"6_UPDATE_by_the_caller_early",
     [](Talk& t) {
       t.call(sdp_a);
       t.rings(sdp_b);
       ASSERT_TRUE(t.until([&] { return t.answers(200, "PRACK") >= 1; }));
       t.wire.run_for(seconds(2));
       ASSERT_TRUE(t.a.stack.offer(t.caller, sdp_offer_2, t.wire.now()));
       EXPECT_FALSE(t.a.stack.offer(t.caller, sdp_offer_2, t.wire.now()));  // one at a time
       ASSERT_TRUE(t.until([&] { return t.b.count<OfferReceived>() == 1; })) << t.wire.ladder();
       ASSERT_TRUE(t.b.stack.answer_offer(t.callee(), sdp_answer_2, t.wire.now()));
       ASSERT_TRUE(t.until([&] { return t.a.count<OfferAnswered>() == 1; })) << t.wire.ladder();
       EXPECT_EQ(t.a.last<OfferAnswered>()->sdp, sdp_answer_2);
       t.answered_already();
     }},
    {"6_UPDATE_by_the_callee_early",
     [](Talk& t) {
       t.call(sdp_a);
       t.rings(sdp_b);
       ASSERT_TRUE(t.until([&] { return t.answers(200, "PRACK") >= 1; }));
       t.wire.run_for(seconds(2));
       ASSERT_TRUE(t.b.stack.offer(t.callee(), sdp_answer_2, t.wire.now())) << t.wire.ladder();
       ASSERT_TRUE(t.b.stack.accept(t.callee(), "", {}, t.wire.now()));  // waits for the answer
       ASSERT_TRUE(t.until([&] { return t.a.count<OfferReceived>() == 1; })) << t.wire.ladder();
       EXPECT_EQ(t.a.count<Accepted>(), 0U);
       ASSERT_TRUE(t.a.stack.answer_offer(t.caller, sdp_offer_2, t.wire.now()));
       ASSERT_TRUE(t.until([&] { return t.b.count<Confirmed>() == 1; })) << t.wire.ladder();
       EXPECT_EQ(t.b.last<OfferAnswered>()->sdp, sdp_offer_2);
     }},
    {"1_established",
     [](Talk& t) {
       patterns[0].run(t);
       t.wire.run_for(seconds(2));
       ASSERT_TRUE(t.b.stack.offer(t.callee(), sdp_answer_2, t.wire.now()));
       ASSERT_TRUE(t.until([&] { return t.a.count<OfferReceived>() == 1; })) << t.wire.ladder();
       ASSERT_TRUE(t.a.stack.answer_offer(t.caller, sdp_offer_2, t.wire.now()));
       ASSERT_TRUE(t.until([&] { return t.a.count<OfferConfirmed>() == 1; })) << t.wire.ladder();
       EXPECT_EQ(t.b.last<OfferAnswered>()->sdp, sdp_offer_2);
     }},
    {"2_established",
     [](Talk& t) {
       patterns[0].run(t);
       t.wire.run_for(seconds(2));
       ASSERT_TRUE(t.a.stack.offer(t.caller, "", t.wire.now()));
       ASSERT_TRUE(t.until([&] { return t.b.count<OfferReceived>() == 1; })) << t.wire.ladder();
       ASSERT_TRUE(t.b.stack.answer_offer(t.callee(), sdp_answer_2, t.wire.now()));
       ASSERT_TRUE(t.until([&] { return t.a.count<OfferAnswered>() == 1; })) << t.wire.ladder();
       ASSERT_TRUE(t.a.stack.ack(t.caller, sdp_offer_2, t.wire.now()));
       ASSERT_TRUE(t.until([&] { return t.b.count<OfferConfirmed>() == 1; })) << t.wire.ladder();
       EXPECT_EQ(t.b.last<OfferConfirmed>()->sdp, sdp_offer_2);
     }},
};

// With each message lost in turn: the exchange must still complete, which is more than the checkers of a
// SCENARIO ask for.
class OfferPatternSipLoss : public ::testing::TestWithParam<Pattern> {
 protected:
  static std::size_t run(std::optional<std::size_t> lost) {
    Wire wire;
    if (lost)
      wire.rule = [lost](const Crossing& crossing) { return Treatment{crossing.number == *lost ? 0U : 1U}; };
    Talk talk(wire);
    GetParam().run(talk);
    const auto messages = wire.crossings.size();
    talk.end();
    return messages;
  }
};

TEST_P(OfferPatternSipLoss, completes) {
  const auto messages = run({});
  ASSERT_GE(messages, 3U);  // INVITE, 200, ACK
  for (std::size_t lost = 0; lost < messages && !HasFailure(); ++lost) {
    SCOPED_TRACE(lost);
    run(lost);
  }
}

INSTANTIATE_TEST_SUITE_P(Rfc6337Table1, OfferPatternSipLoss, ::testing::ValuesIn(patterns),
                         [](const auto& row) { return std::string("p") + row.param.name; });

// --- table 2, and what table 1 does not have

class OfferRefused : public WireScenario {
 protected:
  Talk t{wire};
};

SCENARIO(OfferRefused, invite_gets_488) {  // rows 1 and 3
  t.call(sdp_a);
  ASSERT_TRUE(t.until([&] { return t.b.count<IncomingInvite>() == 1; }));
  ASSERT_TRUE(t.b.stack.reject(t.callee(), {488, "", {}, "", ""}, t.wire.now()));
  t.wire.run_dry();
  ASSERT_EQ(t.a.count<SessionEnded>(), 1U);
  EXPECT_EQ(t.a.last<SessionEnded>()->status, 488);
}

SCENARIO(OfferRefused, prack_gets_488_and_the_response_its_prack) {  // row 5, §2.3
  t.call(sdp_a, true);
  t.rings(sdp_b);
  ASSERT_TRUE(t.progresses());
  ASSERT_TRUE(t.a.stack.prack(t.caller, t.a.last<ProvisionalReceived>()->branch, sdp_offer_2, t.wire.now()));
  ASSERT_TRUE(t.until([&] { return t.b.count<OfferReceived>() == 1; }));
  ASSERT_TRUE(t.b.stack.refuse_offer(t.callee(), {488, "", {}, "", ""}, t.wire.now()));
  ASSERT_TRUE(t.until([&] { return t.a.count<OfferFailed>() == 1; })) << t.wire.ladder();
  EXPECT_EQ(t.a.last<OfferFailed>()->status, 488);
  t.answered_already();
  t.end();
}

SCENARIO(OfferRefused, update_gets_488) {  // row 6
  t.call(sdp_a);
  t.rings(sdp_b);
  ASSERT_TRUE(t.until([&] { return t.answers(200, "PRACK") >= 1; }));
  t.wire.run_for(milliseconds(10));
  ASSERT_TRUE(t.a.stack.offer(t.caller, sdp_offer_2, t.wire.now()));
  ASSERT_TRUE(t.until([&] { return t.b.count<OfferReceived>() == 1; }));
  ASSERT_TRUE(t.b.stack.refuse_offer(t.callee(), {488, "", {}, "", ""}, t.wire.now()));
  ASSERT_TRUE(t.until([&] { return t.a.count<OfferFailed>() == 1; }));
  t.answered_already();
  t.end();
}

SCENARIO(OfferRefused, update_before_the_first_answer_is_not_sent) {  // RFC 3311 §5.1
  t.call(sdp_a);
  t.rings("");
  ASSERT_TRUE(t.until([&] { return t.answers(200, "PRACK") >= 1; })) << t.wire.ladder();
  EXPECT_FALSE(t.a.stack.offer(t.caller, sdp_offer_2, t.wire.now()));
  EXPECT_FALSE(t.b.stack.offer(t.callee(), sdp_answer_2, t.wire.now()));
  ASSERT_TRUE(t.b.stack.accept(t.callee(), sdp_b, {}, t.wire.now()));
  ASSERT_TRUE(t.until([&] { return t.b.count<Confirmed>() == 1; })) << t.wire.ladder();
  EXPECT_EQ(t.a.last<Accepted>()->sdp, sdp_b);
  t.end();
}

SCENARIO(OfferRefused, updates_that_meet_early) {  // RFC 3311 §5.2: 491 on both sides, then again
  t.call(sdp_a);
  t.rings(sdp_b);
  ASSERT_TRUE(t.until([&] { return t.answers(200, "PRACK") >= 1; }));
  t.wire.run_for(milliseconds(10));
  ASSERT_TRUE(t.a.stack.offer(t.caller, sdp_offer_2, t.wire.now()));
  ASSERT_TRUE(t.b.stack.offer(t.callee(), sdp_answer_2, t.wire.now()));
  ASSERT_TRUE(t.until([&] { return t.a.count<OfferGlare>() == 1 && t.b.count<OfferGlare>() == 1; }))
      << t.wire.ladder();
  ASSERT_TRUE(t.until([&] { return t.b.count<OfferRetryDue>() == 1; }));
  ASSERT_TRUE(t.b.stack.offer(t.callee(), sdp_answer_2, t.wire.now()));
  ASSERT_TRUE(t.until([&] { return t.a.count<OfferReceived>() == 1; }));
  ASSERT_TRUE(t.a.stack.answer_offer(t.caller, sdp_offer_2, t.wire.now()));
  ASSERT_TRUE(t.until([&] { return t.b.count<OfferAnswered>() == 1; }));
  t.answered_already();
  t.end();
}

SCENARIO(OfferRefused, a_first_reliable_response_without_the_offer_goes_unreliably) {  // RFC 6337 §2.2
  t.call("");
  t.rings("");
  ASSERT_TRUE(t.progresses()) << t.wire.ladder();
  EXPECT_FALSE(t.a.last<ProvisionalReceived>()->reliable);
  ASSERT_TRUE(t.a.stack.end(t.caller, {}, t.wire.now()));
  t.wire.run_dry();
  t.wire.expect_nothing_left();
}

}  // namespace
}  // namespace sidetone::test
