// Two stacks and the ways of a call between them: RFC 3261 §13, §15, RFC 3262, RFC 6026.
#include "calls.h"

namespace sidetone::test {
namespace {

using namespace sip;

class SipCall : public TwoPhones {};

SCENARIO(SipCall, basic_call) {
  const auto session = a.call(b, sdp_a);
  ASSERT_TRUE(wire.run_until([&] { return b.count<IncomingInvite>() == 1; }));
  EXPECT_EQ(b.last<IncomingInvite>()->sdp, sdp_a);
  ASSERT_TRUE(b.stack.provisional(incoming(b), {}, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return a.count<ProvisionalReceived>() == 2; }));  // 100, 180
  EXPECT_EQ(a.last<ProvisionalReceived>()->status, 180);
  EXPECT_TRUE(a.last<ProvisionalReceived>()->branch);
  ASSERT_TRUE(b.stack.accept(incoming(b), sdp_b, {{"X-Test", "yes"}}, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return b.count<Confirmed>() == 1; }));
  ASSERT_EQ(a.count<Accepted>(), 1U);
  EXPECT_EQ(a.last<Accepted>()->sdp, sdp_b);
  EXPECT_FALSE(a.last<Accepted>()->needs_ack);
  EXPECT_EQ(a.last<Accepted>()->branch, a.last<ProvisionalReceived>()->branch);
  EXPECT_EQ(a.last<Accepted>()->response->find("X-Test")->value, "yes");

  const auto here = a.stack.dialog(session);
  const auto there = b.stack.dialog(incoming(b));
  ASSERT_TRUE(here && there);
  EXPECT_TRUE(here->confirmed && there->confirmed);
  EXPECT_EQ(here->call_id, there->call_id);
  EXPECT_EQ(here->local_tag, there->remote_tag);
  EXPECT_EQ(here->remote_tag, there->local_tag);
  EXPECT_EQ(here->remote_target, "sip:10.0.0.2:5060");

  ASSERT_TRUE(a.stack.end(session, {{"Reason", "Q.850;cause=16;text=\"clear\""}}, wire.now()));
  finish();
  expect_ended(a, EndCause::bye_sent);
  expect_ended(b, EndCause::bye_received);
  EXPECT_EQ(b.last<SessionEnded>()->status, 16);
  EXPECT_EQ(b.last<SessionEnded>()->text, "clear");
  EXPECT_EQ(wire.crossings.size(), 7U) << wire.ladder();  // INVITE 100 180 200 ACK BYE 200
}

SCENARIO(SipCall, requests_carry_what_rfc_3261_asks_for) {
  establish();
  const auto invite = wire.last("INVITE")->message();
  EXPECT_EQ(invite.value(HeaderId::max_forwards), "70");  // §8.1.1.6
  for (const auto option : {"100rel", "replaces", "timer"})
    EXPECT_TRUE(invite.lists(HeaderId::supported, option)) << option;
  EXPECT_FALSE(invite.lists(HeaderId::supported, "join"));
  for (const auto method : {"INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "PRACK", "UPDATE"})
    EXPECT_TRUE(invite.lists(HeaderId::allow, method)) << method;
  EXPECT_EQ(invite.value(HeaderId::user_agent), "Sidetone");
  EXPECT_EQ(invite.value(HeaderId::contact), "<sip:10.0.0.1:5060>");
  const auto ok = wire.last("SIP/2.0 200")->message();
  EXPECT_EQ(ok.value(HeaderId::server), "Sidetone");
  EXPECT_TRUE(ok.has(HeaderId::contact));  // §12.1.1
  EXPECT_TRUE(ok.has(HeaderId::allow));
  const auto ack = wire.last("ACK")->message();
  EXPECT_EQ(ack.value(HeaderId::cseq), "1 ACK");  // §13.2.2.4
}

SCENARIO(SipCall, delayed_offer) {
  b.on_event = [&](const Event& event) {
    if (const auto* invite = std::get_if<IncomingInvite>(&event)) {
      EXPECT_EQ(invite->sdp, "");
      EXPECT_TRUE(b.stack.accept(invite->session, sdp_b, {}, b.now()));
    }
  };
  const auto session = a.call(b, "");
  ASSERT_TRUE(wire.run_until([&] { return a.count<Accepted>() == 1; }));
  EXPECT_TRUE(a.last<Accepted>()->needs_ack);
  EXPECT_EQ(a.last<Accepted>()->sdp, sdp_b);
  wire.run_for(seconds(3));  // repeated 2xx get no ACK before there is an answer
  EXPECT_EQ(wire.count("ACK"), 0U);
  EXPECT_EQ(a.count<Accepted>(), 1U);
  ASSERT_TRUE(a.stack.ack(session, sdp_a, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return b.count<Confirmed>() == 1; }));
  EXPECT_EQ(b.last<Confirmed>()->sdp, sdp_a);
  EXPECT_FALSE(a.stack.ack(session, sdp_a, wire.now()));
  ASSERT_TRUE(b.stack.end(incoming(b), {}, wire.now()));
  finish();
  expect_ended(a, EndCause::bye_received);
  expect_ended(b, EndCause::bye_sent);
}

SCENARIO(SipCall, delayed_offer_hung_up_before_the_answer_is_acknowledged_first) {
  answer_all(b, sdp_b);
  const auto session = a.call(b, "");
  ASSERT_TRUE(wire.run_until([&] { return a.count<Accepted>() == 1; }));
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  finish();
  EXPECT_EQ(wire.count("ACK"), 1U);
  expect_ended(a, EndCause::bye_sent);
  EXPECT_EQ(b.count<SessionEnded>(), 1U);
}

SCENARIO(SipCall, early_media_unreliable) {
  a.call(b, sdp_a);
  ASSERT_TRUE(wire.run_until([&] { return b.count<IncomingInvite>() == 1; }));
  ASSERT_TRUE(b.stack.provisional(incoming(b), {183, "", sdp_b, false, {}}, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return last_provisional(a) == 183; }));
  EXPECT_EQ(a.last<ProvisionalReceived>()->sdp, sdp_b);
  EXPECT_FALSE(a.last<ProvisionalReceived>()->reliable);
  EXPECT_EQ(wire.count("PRACK"), 0U);
  ASSERT_TRUE(b.stack.reject(incoming(b), {486, "", {}, "", ""}, wire.now()));
  finish();
  expect_ended(a, EndCause::refused);
  EXPECT_EQ(a.last<SessionEnded>()->status, 486);
  EXPECT_EQ(a.last<SessionEnded>()->text, "Busy Here");
  expect_ended(b, EndCause::rejected);
}

SCENARIO(SipCall, early_media_reliable) {  // RFC 3262 §3, §4
  a.call(b, sdp_a);
  ASSERT_TRUE(wire.run_until([&] { return b.count<IncomingInvite>() == 1; }));
  // Three at once: the second and third wait for the PRACK of the one before, the 2xx for that of the SDP.
  ASSERT_TRUE(b.stack.provisional(incoming(b), {183, "", sdp_b, true, {}}, wire.now()));
  ASSERT_TRUE(b.stack.provisional(incoming(b), {180, "", "", true, {}}, wire.now()));
  ASSERT_TRUE(b.stack.provisional(incoming(b), {182, "", "", true, {}}, wire.now()));
  wire.settle(b);
  ASSERT_TRUE(wire.run_until([&] { return last_provisional(a) == 182; })) << wire.ladder();
  ASSERT_TRUE(b.stack.accept(incoming(b), sdp_b, {}, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return b.count<Confirmed>() == 1; }));
  EXPECT_EQ(wire.count("PRACK"), 3U) << wire.ladder();
  std::vector<int> statuses;
  for (const auto* response : a.all<ProvisionalReceived>()) statuses.push_back(response->status);
  EXPECT_EQ(statuses, (std::vector<int>{183, 180, 182}));
  EXPECT_EQ(a.last<Accepted>()->sdp, "");  // §13.2.1: the answer was given before
  ASSERT_TRUE(b.stack.end(incoming(b), {}, wire.now()));
  finish();
  expect_ended(a, EndCause::bye_received);
}

SCENARIO(SipCall, reliable_response_and_its_prack_are_repeated) {
  bool lost_response = false, lost_prack = false;
  wire.rule = [&](const Crossing& crossing) -> Treatment {
    if (!lost_response && crossing.is("SIP/2.0 183")) return lost_response = true, Treatment{0};
    if (!lost_prack && crossing.is("PRACK")) return lost_prack = true, Treatment{0};
    return {};
  };
  a.call(b, sdp_a);
  ASSERT_TRUE(wire.run_until([&] { return b.count<IncomingInvite>() == 1; }));
  ASSERT_TRUE(b.stack.provisional(incoming(b), {183, "", sdp_b, true, {}}, wire.now()));
  ASSERT_TRUE(b.stack.accept(incoming(b), sdp_b, {}, wire.now()));  // waits
  ASSERT_TRUE(wire.run_until([&] { return b.count<Confirmed>() == 1; })) << wire.ladder();
  EXPECT_TRUE(lost_response && lost_prack);
  EXPECT_EQ(a.count<ProvisionalReceived>(), 1U);  // the 183, once
  ASSERT_TRUE(b.stack.end(incoming(b), {}, wire.now()));
  finish();
}

SCENARIO(SipCall, reliable_response_without_prack_ends_the_call) {  // RFC 3262 §3: 64*T1, then 5xx
  wire.rule = [](const Crossing& crossing) { return Treatment{crossing.is("PRACK") ? 0U : 1U}; };
  a.call(b, sdp_a);
  ASSERT_TRUE(wire.run_until([&] { return b.count<IncomingInvite>() == 1; }));
  ASSERT_TRUE(b.stack.provisional(incoming(b), {183, "", sdp_b, true, {}}, wire.now()));
  finish();
  expect_ended(b, EndCause::timeout);
  expect_ended(a, EndCause::refused);
  EXPECT_EQ(a.last<SessionEnded>()->status, 504);
}

SCENARIO(SipCall, reliable_only_when_the_caller_can) {  // RFC 3262 §3
  a.call(b, "");                                        // delayed offer: 100rel is not offered
  ASSERT_TRUE(wire.run_until([&] { return b.count<IncomingInvite>() == 1; }));
  ASSERT_TRUE(b.stack.provisional(incoming(b), {180, "", "", true, {}}, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return last_provisional(a) == 180; }));
  EXPECT_FALSE(wire.last("SIP/2.0 180")->message().has(HeaderId::rseq));
  ASSERT_TRUE(b.stack.end(incoming(b), {}, wire.now()));
  finish();
  expect_ended(b, EndCause::rejected);
  EXPECT_EQ(a.last<SessionEnded>()->status, 480);
}

SCENARIO(SipCall, required_reliability_is_obeyed) {
  a.call(b, sdp_a, {{"Require", "100rel"}});
  ASSERT_TRUE(wire.run_until([&] { return b.count<IncomingInvite>() == 1; }));
  ASSERT_TRUE(b.stack.provisional(incoming(b), {180, "", "", false, {}}, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return wire.count("PRACK") == 1; }));
  ASSERT_TRUE(b.stack.reject(incoming(b), {603, "", {}, "", ""}, wire.now()));
  finish();
}

SCENARIO(SipCall, cancel) {  // §9
  const auto session = a.call(b, sdp_a);
  ASSERT_TRUE(wire.run_until([&] { return b.count<IncomingInvite>() == 1; }));
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  EXPECT_FALSE(a.stack.end(session, {}, wire.now()));
  finish();
  expect_ended(a, EndCause::cancelled);
  expect_ended(b, EndCause::cancelled_by_peer);
  EXPECT_EQ(wire.count("CANCEL"), 1U);
  EXPECT_EQ(wire.count("SIP/2.0 487"), 1U);
}

SCENARIO(SipCall, cancel_waits_for_a_provisional_response) {  // §9.1
  wire.rule = [](const Crossing& crossing) {
    return Treatment{1, crossing.is("SIP/2.0 100") ? Duration(milliseconds(200)) : Duration(milliseconds(1))};
  };
  const auto session = a.call(b, sdp_a);
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  wire.run_for(milliseconds(150));
  EXPECT_EQ(wire.count("CANCEL"), 0U);
  finish();
  EXPECT_EQ(wire.count("CANCEL"), 1U);
  expect_ended(a, EndCause::cancelled);
}

SCENARIO(SipCall, cancel_without_any_answer_times_out) {
  wire.rule = [](const Crossing&) { return Treatment{0}; };
  const auto session = a.call(b, sdp_a);
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  finish();
  expect_ended(a, EndCause::cancelled);
}

SCENARIO(SipCall, answer_crosses_cancel) {  // §9.1, §15: ACK, then BYE
  const auto session = a.call(b, sdp_a);
  ASSERT_TRUE(wire.run_until([&] { return a.count<ProvisionalReceived>() == 1; }));
  ASSERT_TRUE(b.stack.accept(incoming(b), sdp_b, {}, wire.now()));
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  finish();
  EXPECT_EQ(a.count<Accepted>(), 0U);
  expect_ended(a, EndCause::cancelled);
  expect_ended(b, EndCause::bye_received);
  EXPECT_EQ(wire.count("ACK"), 1U);
  EXPECT_EQ(wire.count("BYE"), 1U);
}

SCENARIO(SipCall, both_hang_up_at_once) {
  const auto session = establish();
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  ASSERT_TRUE(b.stack.end(incoming(b), {}, wire.now()));
  finish();
  expect_ended(a, EndCause::bye_sent);
  expect_ended(b, EndCause::bye_sent);
}

SCENARIO(SipCall,
         bye_that_cannot_leave_is_sent_again) {  // §15.1.1 and common sense: b must not stay up alone
  const auto session = establish();
  wire.mishap = {Mishap::Kind::send_fails, wire.crossings.size()};
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  finish();
  EXPECT_EQ(wire.count("BYE"), 2U) << wire.ladder();
  expect_ended(a, EndCause::bye_sent);
  expect_ended(b, EndCause::bye_received);
}

SCENARIO(SipCall, callee_hangs_up_only_after_the_ack) {  // §15
  wire.rule = [](const Crossing& crossing) {
    return Treatment{1, crossing.is("ACK") ? Duration(milliseconds(300)) : Duration(milliseconds(1))};
  };
  a.call(b, sdp_a);
  ASSERT_TRUE(wire.run_until([&] { return b.count<IncomingInvite>() == 1; }));
  ASSERT_TRUE(b.stack.accept(incoming(b), sdp_b, {}, wire.now()));
  ASSERT_TRUE(b.stack.end(incoming(b), {}, wire.now()));
  wire.run_for(milliseconds(250));
  EXPECT_EQ(wire.count("BYE"), 0U);
  finish();
  EXPECT_EQ(wire.count("BYE"), 1U);
  EXPECT_EQ(b.count<Confirmed>(), 0U);
  expect_ended(b, EndCause::bye_sent);
  expect_ended(a, EndCause::bye_received);
}

SCENARIO(SipCall, callee_hangs_up_without_any_ack_after_its_wait) {  // §15: ... or timer H
  wire.rule = [](const Crossing& crossing) { return Treatment{crossing.is("ACK") ? 0U : 1U}; };
  a.call(b, sdp_a);
  ASSERT_TRUE(wire.run_until([&] { return b.count<IncomingInvite>() == 1; }));
  ASSERT_TRUE(b.stack.accept(incoming(b), sdp_b, {}, wire.now()));
  ASSERT_TRUE(b.stack.end(incoming(b), {}, wire.now()));
  wire.run_for(seconds(31));
  EXPECT_EQ(wire.count("BYE"), 0U);
  finish();
  expect_ended(b, EndCause::bye_sent);
}

SCENARIO(SipCall, caller_may_hang_up_before_its_ack_arrives) {  // §15
  wire.rule = [](const Crossing& crossing) { return Treatment{crossing.is("ACK") ? 0U : 1U}; };
  answer_all(b, sdp_b);
  const auto session = a.call(b, sdp_a);
  ASSERT_TRUE(wire.run_until([&] { return a.count<Accepted>() == 1; }));
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  finish();
  expect_ended(a, EndCause::bye_sent);
  expect_ended(b, EndCause::bye_received);
}

SCENARIO(SipCall, lost_ack_is_sent_again_for_each_2xx) {  // §13.2.2.4, §13.3.1.4
  std::size_t lost = 0;
  wire.rule = [&](const Crossing& crossing) {
    return Treatment{crossing.is("ACK") && lost < 3 ? (++lost, 0U) : 1U};
  };
  const auto session = establish();
  EXPECT_EQ(wire.count("ACK"), 4U);
  EXPECT_EQ(a.count<Accepted>(), 1U);
  // T1, 2*T1, 4*T1 after the first.
  EXPECT_NEAR(static_cast<double>(wire.now().time_since_epoch().count()) / 1e6, 3.5, 0.1);
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  finish();
}

SCENARIO(SipCall, no_ack_at_all) {  // §13.3.1.4
  wire.rule = [](const Crossing& crossing) { return Treatment{crossing.is("ACK") ? 0U : 1U}; };
  answer_all(b, sdp_b);
  a.call(b, sdp_a);
  finish();
  expect_ended(b, EndCause::no_ack);
  expect_ended(a, EndCause::bye_received);
  // 0.5, 1.5, 3.5, 7.5, then every T2 = 4 s: 11.5 ... 31.5, and the first one.
  EXPECT_EQ(wire.count([](const Crossing& c) { return c.answers(200, "INVITE"); }), 11U) << wire.ladder();
}

SCENARIO(SipCall, lost_200_is_repeated) {
  std::size_t lost = 0;
  wire.rule = [&](const Crossing& crossing) {
    return Treatment{crossing.answers(200, "INVITE") && lost < 2 ? (++lost, 0U) : 1U};
  };
  const auto session = establish();
  EXPECT_EQ(a.count<Accepted>(), 1U);
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  finish();
}

SCENARIO(SipCall, no_answer_at_all) {
  wire.rule = [](const Crossing&) { return Treatment{0}; };
  a.call(b, sdp_a);
  finish();
  expect_ended(a, EndCause::timeout);
  EXPECT_EQ(a.last<SessionEnded>()->status, 408);
}

SCENARIO(SipCall, over_tcp) {
  answer_all(b, sdp_b);
  Invite invite;
  invite.target = b.uri("callee") + ";transport=tcp";
  invite.from_uri = a.uri("caller");
  invite.sdp = sdp_a;
  const auto session = a.stack.invite(invite, wire.now());
  ASSERT_TRUE(session);
  ASSERT_TRUE(wire.run_until([&] { return b.count<Confirmed>() == 1; })) << wire.ladder();
  EXPECT_EQ(wire.last("INVITE")->message().value(HeaderId::contact), "<sip:10.0.0.1:5060;transport=tcp>");
  EXPECT_EQ(a.stack.counters().connections, 1U);
  ASSERT_TRUE(b.stack.end(incoming(b), {}, wire.now()));  // back over the caller's connection
  ASSERT_TRUE(wire.run_until([&] { return a.count<SessionEnded>() == 1; }));
  EXPECT_EQ(b.stack.counters().connections, 1U);
  finish();
}

SCENARIO(SipCall, broken_connection_leaves_the_target_as_the_way) {  // §12.2.1.1: b's BYE opens a new one
  answer_all(b, sdp_b);
  Invite invite;
  invite.target = b.uri("callee") + ";transport=tcp";
  invite.from_uri = a.uri("caller");
  invite.sdp = sdp_a;
  ASSERT_TRUE(a.stack.invite(invite, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return b.count<Confirmed>() == 1; })) << wire.ladder();
  wire.mishap = {Mishap::Kind::lost, wire.crossings.size()};  // the connection breaks under the BYE
  ASSERT_TRUE(b.stack.end(incoming(b), {}, wire.now()));
  finish();
  expect_ended(a, EndCause::bye_received);
  expect_ended(b, EndCause::bye_sent);
}

SCENARIO(SipCall, nobody_listens_on_tcp) {
  Invite invite;
  invite.target = "sip:x@10.0.0.9;transport=tcp";
  invite.from_uri = a.uri("caller");
  ASSERT_TRUE(a.stack.invite(invite, wire.now()));
  finish();
  expect_ended(a, EndCause::transport);
}

SCENARIO(SipCall, commands_in_wrong_states_are_errors) {
  const auto session = a.call(b, sdp_a);
  const auto fault = [](const auto& result) {
    return result ? std::optional<Fault>() : result.error().fault;
  };
  EXPECT_EQ(fault(a.stack.accept(session, "", {}, wire.now())), Fault::state);
  EXPECT_EQ(fault(a.stack.ack(session, "", wire.now())), Fault::state);
  EXPECT_EQ(fault(a.stack.provisional(session, {}, wire.now())), Fault::state);
  EXPECT_EQ(fault(a.stack.reject(session, {486, "", {}, "", ""}, wire.now())), Fault::state);
  EXPECT_EQ(fault(a.stack.offer(session, sdp_a, wire.now())), Fault::state);
  EXPECT_EQ(fault(a.stack.answer_offer(session, sdp_a, wire.now())), Fault::state);
  EXPECT_EQ(fault(a.stack.refuse_offer(session, {488, "", {}, "", ""}, wire.now())), Fault::state);
  EXPECT_EQ(fault(a.stack.request(session, Method::info, {}, "", "", wire.now())), Fault::state);
  EXPECT_EQ(fault(a.stack.end(SessionId{99}, {}, wire.now())), Fault::not_found);
  EXPECT_EQ(fault(a.stack.respond(ServerRequestId{99}, {}, wire.now())), Fault::not_found);
  ASSERT_TRUE(wire.run_until([&] { return b.count<IncomingInvite>() == 1; }));
  EXPECT_EQ(fault(b.stack.provisional(incoming(b), {200, "", "", false, {}}, wire.now())), Fault::range);
  EXPECT_EQ(fault(b.stack.reject(incoming(b), {200, "", {}, "", ""}, wire.now())), Fault::range);
  ASSERT_TRUE(b.stack.end(incoming(b), {}, wire.now()));
  EXPECT_EQ(fault(b.stack.end(incoming(b), {}, wire.now())), Fault::not_found);
  EXPECT_EQ(fault(b.stack.accept(incoming(b), "", {}, wire.now())), Fault::not_found);
  finish();
}

}  // namespace
}  // namespace sidetone::test
