// Offers within a dialog: re-INVITE (RFC 3261 §14), UPDATE (RFC 3311), and what happens when two meet.
#include "calls.h"

namespace sidetone::test {
namespace {

using namespace sip;

class SipOffer : public TwoPhones {
 protected:
  void hang_up_and_finish(SessionId session) {
    ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
    finish();
    EXPECT_EQ(a.count<SessionEnded>(), 1U) << wire.ladder();
    EXPECT_EQ(b.count<SessionEnded>(), 1U) << wire.ladder();
  }
  // An UPDATE or INVITE from a's side of the dialog, made by hand.
  Message raw_request(SessionId session, std::string_view method, int cseq, const std::string& sdp) {
    const auto dialog = a.dialog(session);
    auto request = Message::request(method, dialog.remote_target);
    request.add(HeaderId::via, fmt::format("SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKraw{}{}", method, cseq));
    request.add(HeaderId::max_forwards, "70");
    request.add(HeaderId::from, fmt::format("<{}>;tag={}", dialog.local_uri, dialog.local_tag));
    request.add(HeaderId::to, fmt::format("<{}>;tag={}", dialog.remote_uri, dialog.remote_tag));
    request.add(HeaderId::call_id, dialog.call_id);
    request.add(HeaderId::cseq, fmt::format("{} {}", cseq, method));
    request.add(HeaderId::contact, "<sip:10.0.0.1:5060>");
    if (!sdp.empty()) request.set_body(sdp, "application/sdp");
    return request;
  }
  int status_of(std::string_view method) {
    for (auto crossing = wire.crossings.rbegin(); crossing != wire.crossings.rend(); ++crossing)
      if (const auto message = crossing->message();
          !message.is_request() && message.method_name() == method && message.status() != 100)
        return message.status();
    return 0;
  }
};

SCENARIO(SipOffer, reinvite_by_the_caller) {
  const auto session = establish();
  ASSERT_TRUE(a.stack.offer(session, sdp_c, wire.now()));
  EXPECT_FALSE(a.stack.offer(session, sdp_c, wire.now()));  // one at a time
  ASSERT_TRUE(wire.run_until([&] { return b.count<OfferConfirmed>() == 1; })) << wire.ladder();
  EXPECT_EQ(b.last<OfferReceived>()->sdp, sdp_c);
  EXPECT_EQ(b.last<OfferConfirmed>()->sdp, "");
  EXPECT_EQ(a.last<OfferAnswered>()->sdp, sdp_b);
  EXPECT_FALSE(a.last<OfferAnswered>()->needs_ack);
  hang_up_and_finish(session);
}

SCENARIO(SipOffer, reinvite_by_the_callee) {
  const auto session = establish();
  answer_all(a, sdp_a);
  ASSERT_TRUE(b.stack.offer(incoming(b), sdp_c, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return a.count<OfferConfirmed>() == 1; }));
  EXPECT_EQ(a.last<OfferReceived>()->sdp, sdp_c);
  EXPECT_EQ(b.last<OfferAnswered>()->sdp, sdp_a);
  hang_up_and_finish(session);
}

SCENARIO(SipOffer, delayed_reinvite) {
  const auto session = establish();
  ASSERT_TRUE(a.stack.offer(session, "", wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return a.count<OfferAnswered>() == 1; }));
  EXPECT_EQ(b.last<OfferReceived>()->sdp, "");
  EXPECT_TRUE(a.last<OfferAnswered>()->needs_ack);
  EXPECT_EQ(a.last<OfferAnswered>()->sdp, sdp_b);
  ASSERT_TRUE(a.stack.ack(session, sdp_c, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return b.count<OfferConfirmed>() == 1; }));
  EXPECT_EQ(b.last<OfferConfirmed>()->sdp, sdp_c);
  hang_up_and_finish(session);
}

// RFC 3261 §13.2.1 wants the offer in the 2xx. Without it there is nothing to answer: its ACK is due all the
// same, and the session is as it was (§14.1).
SCENARIO(SipOffer, delayed_reinvite_without_an_offer_in_its_2xx) {
  const auto session = establish();
  b.on_event = [&](const Event& event) {
    if (const auto* offer = std::get_if<OfferReceived>(&event))
      EXPECT_TRUE(b.stack.answer_offer(offer->session, "", b.now()));
  };
  ASSERT_TRUE(a.stack.offer(session, "", wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return b.count<OfferConfirmed>() == 1; })) << wire.ladder();
  EXPECT_EQ(b.last<OfferConfirmed>()->sdp, "");
  ASSERT_EQ(a.count<OfferFailed>(), 1U);
  EXPECT_EQ(a.last<OfferFailed>()->status, 488);
  EXPECT_NE(a.last<OfferFailed>()->text.find("no offer"), std::string::npos);
  EXPECT_EQ(a.count<OfferAnswered>(), 0U);
  answer_all(b, sdp_b);
  ASSERT_TRUE(a.stack.offer(session, sdp_c, wire.now())) << "the next one is free to go";
  ASSERT_TRUE(wire.run_until([&] { return a.count<OfferAnswered>() == 1; }));
  hang_up_and_finish(session);
}

SCENARIO(SipOffer, refused_offer_leaves_the_call) {
  const auto session = establish();
  b.on_event = [&](const Event& event) {
    if (const auto* offer = std::get_if<OfferReceived>(&event))
      EXPECT_TRUE(b.stack.refuse_offer(offer->session, {488, "", {}, "", ""}, b.now()));
  };
  ASSERT_TRUE(a.stack.offer(session, sdp_c, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return a.count<OfferFailed>() == 1; }));
  EXPECT_EQ(a.last<OfferFailed>()->status, 488);
  answer_all(b, sdp_b);
  ASSERT_TRUE(a.stack.offer(session, sdp_c, wire.now()));  // a later one is possible
  ASSERT_TRUE(wire.run_until([&] { return a.count<OfferAnswered>() == 1; }));
  hang_up_and_finish(session);
}

SCENARIO(SipOffer, glare) {  // §14.1: both wait, the owner of the Call-ID longer
  const auto session = establish();
  answer_all(a, sdp_a);
  ASSERT_TRUE(a.stack.offer(session, sdp_c, wire.now()));
  ASSERT_TRUE(b.stack.offer(incoming(b), sdp_c, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return a.count<OfferGlare>() == 1 && b.count<OfferGlare>() == 1; }))
      << wire.ladder();
  const auto owner = a.last<OfferGlare>()->retry_in;
  const auto other = b.last<OfferGlare>()->retry_in;
  EXPECT_GE(owner, Duration(milliseconds(2100)));
  EXPECT_LE(owner, Duration(milliseconds(4000)));
  EXPECT_LE(other, Duration(milliseconds(2000)));
  EXPECT_EQ(owner % Duration(milliseconds(10)), Duration(0));
  EXPECT_EQ(other % Duration(milliseconds(10)), Duration(0));
  EXPECT_FALSE(a.stack.offer(session, sdp_c, wire.now()));  // not yet
  ASSERT_TRUE(wire.run_until([&] { return b.count<OfferRetryDue>() == 1; }));
  ASSERT_TRUE(b.stack.offer(incoming(b), sdp_c, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return a.count<OfferRetryDue>() == 1; }));
  EXPECT_EQ(b.count<OfferAnswered>(), 1U);
  ASSERT_TRUE(a.stack.offer(session, sdp_c, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return a.count<OfferAnswered>() == 1; }));
  hang_up_and_finish(session);
}

SCENARIO(SipOffer, second_offer_before_the_first_is_answered_gets_500) {  // §14.2
  const auto session = establish();
  b.on_event = nullptr;
  wire.inject(a.address, b.address, raw_request(session, "INVITE", 20, sdp_c));
  wire.run_for(milliseconds(100));
  wire.inject(a.address, b.address, raw_request(session, "INVITE", 21, sdp_c));
  wire.run_for(milliseconds(100));
  EXPECT_EQ(b.count<OfferReceived>(), 1U);
  const auto answer = wire.last("SIP/2.0 500")->message();
  EXPECT_LE(std::stoi(std::string(answer.value(HeaderId::retry_after))), 10);
  ASSERT_TRUE(b.stack.end(incoming(b), {}, wire.now()));
  finish();
  EXPECT_GE(wire.count("SIP/2.0 487"), 1U);  // §15.1.2; nobody here acknowledges it
}

SCENARIO(SipOffer, dialog_that_the_peer_has_lost) {  // §12.2.1.2
  for (const int status : {481, 408}) {
    SCOPED_TRACE(status);
    Wire other;
    auto& caller = other.add("caller", "10.0.0.1:5060");
    auto& callee = other.add("callee", "10.0.0.2:5060");
    answer_all(callee, sdp_b);
    const auto session = caller.call(callee, sdp_a);
    ASSERT_TRUE(other.run_until([&] { return callee.count<Confirmed>() == 1; }));
    callee.on_event = [&](const Event& event) {
      if (const auto* offer = std::get_if<OfferReceived>(&event))
        EXPECT_TRUE(callee.stack.refuse_offer(offer->session, {status, "", {}, "", ""}, callee.now()));
    };
    ASSERT_TRUE(caller.stack.offer(session, sdp_c, other.now()));
    other.run_dry();
    ASSERT_EQ(caller.count<SessionEnded>(), 1U);
    EXPECT_EQ(caller.last<SessionEnded>()->cause, EndCause::dialog_gone);
    EXPECT_EQ(caller.last<SessionEnded>()->status, status);
    other.expect_nothing_left();
  }
}

SCENARIO(SipOffer, reinvite_that_nobody_answers_ends_the_call) {
  const auto session = establish();
  wire.rule = [](const Crossing&) { return Treatment{0}; };
  ASSERT_TRUE(a.stack.offer(session, sdp_c, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return a.count<SessionEnded>() == 1; }));
  EXPECT_EQ(a.last<SessionEnded>()->cause, EndCause::timeout);
  ASSERT_TRUE(b.stack.end(incoming(b), {}, wire.now()));
  finish();
  expect_ended(b, EndCause::bye_sent);
}

SCENARIO(SipOffer, answer_to_reinvite_without_ack_ends_the_call) {  // §14.2
  const auto session = establish();
  wire.rule = [](const Crossing& crossing) { return Treatment{crossing.is("ACK") ? 0U : 1U}; };
  ASSERT_TRUE(a.stack.offer(session, sdp_c, wire.now()));
  finish();
  expect_ended(b, EndCause::no_ack);
  expect_ended(a, EndCause::bye_received);
}

SCENARIO(SipOffer, hang_up_while_an_offer_waits) {  // §15.1.2
  const auto session = establish();
  b.on_event = nullptr;
  ASSERT_TRUE(a.stack.offer(session, sdp_c, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return b.count<OfferReceived>() == 1; }));
  hang_up_and_finish(session);
  EXPECT_EQ(wire.count("SIP/2.0 487"), 1U);
  EXPECT_EQ(a.count<OfferAnswered>() + a.count<OfferFailed>(), 0U);
}

SCENARIO(SipOffer, answer_that_crosses_our_bye_is_acknowledged) {
  const auto session = establish();
  b.on_event = nullptr;
  ASSERT_TRUE(a.stack.offer(session, sdp_c, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return b.count<OfferReceived>() == 1; }));
  ASSERT_TRUE(b.stack.answer_offer(incoming(b), sdp_b, wire.now()));
  hang_up_and_finish(session);
  EXPECT_EQ(wire.count("ACK"), 2U) << wire.ladder();
}

SCENARIO(SipOffer, update_with_offer) {  // RFC 3311 §5.2
  const auto session = establish();
  wire.inject(a.address, b.address, raw_request(session, "UPDATE", 20, sdp_c));
  ASSERT_TRUE(wire.run_until([&] { return b.count<OfferReceived>() == 1; }));
  EXPECT_EQ(b.last<OfferReceived>()->sdp, sdp_c);
  wire.run_for(milliseconds(10));
  EXPECT_EQ(status_of("UPDATE"), 200);
  EXPECT_EQ(wire.last("SIP/2.0 200")->message().body(), sdp_b);
  EXPECT_EQ(b.count<OfferConfirmed>(), 0U);
  // From the side whose numbers were not used by hand.
  ASSERT_TRUE(b.stack.end(incoming(b), {}, wire.now()));
  finish();
  expect_ended(a, EndCause::bye_received);
}

SCENARIO(SipOffer, update_without_offer_refreshes_the_target) {
  const auto session = establish();
  auto update = raw_request(session, "UPDATE", 20, "");
  update.set(HeaderId::contact, "<sip:moved@10.0.0.1:5060>");
  wire.inject(a.address, b.address, update);
  wire.run_for(milliseconds(10));
  EXPECT_EQ(status_of("UPDATE"), 200);
  EXPECT_EQ(b.count<OfferReceived>(), 0U);
  EXPECT_EQ(b.dialog(incoming(b)).remote_target, "sip:moved@10.0.0.1:5060");
  // From the side whose numbers were not used by hand.
  ASSERT_TRUE(b.stack.end(incoming(b), {}, wire.now()));
  finish();
  expect_ended(a, EndCause::bye_received);
}

SCENARIO(SipOffer, update_that_meets_another_offer) {
  const auto session = establish();
  b.on_event = nullptr;
  // Ours is under way: 491 (RFC 3311 §5.2).
  wire.rule = [](const Crossing& crossing) { return Treatment{crossing.is("INVITE") ? 0U : 1U}; };
  ASSERT_TRUE(b.stack.offer(incoming(b), sdp_b, wire.now()));
  wire.inject(a.address, b.address, raw_request(session, "UPDATE", 20, sdp_c));
  wire.run_for(milliseconds(10));
  EXPECT_EQ(status_of("UPDATE"), 491);
  wire.rule = nullptr;
  answer_all(a, sdp_a);
  ASSERT_TRUE(wire.run_until([&] { return b.count<OfferAnswered>() == 1; }));
  // Theirs is not answered yet: 500 with Retry-After.
  wire.inject(a.address, b.address, raw_request(session, "UPDATE", 21, sdp_c));
  wire.inject(a.address, b.address, raw_request(session, "UPDATE", 22, sdp_c));
  wire.run_for(milliseconds(10));
  EXPECT_EQ(status_of("UPDATE"), 500);
  EXPECT_TRUE(wire.last("SIP/2.0 500")->message().has(HeaderId::retry_after));
  ASSERT_TRUE(b.stack.answer_offer(incoming(b), sdp_b, wire.now()));
  // From the side whose numbers were not used by hand.
  ASSERT_TRUE(b.stack.end(incoming(b), {}, wire.now()));
  finish();
  expect_ended(a, EndCause::bye_received);
}

SCENARIO(SipOffer, update_before_the_first_answer_gets_500) {  // RFC 3311 §5.2
  const auto session = a.call(b, sdp_a);
  ASSERT_TRUE(wire.run_until([&] { return b.count<IncomingInvite>() == 1; }));
  ASSERT_TRUE(b.stack.provisional(incoming(b), {}, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return last_provisional(a) == 180; }));
  wire.inject(a.address, b.address, raw_request(session, "UPDATE", 20, sdp_c));
  wire.run_for(milliseconds(10));
  EXPECT_EQ(status_of("UPDATE"), 500);
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  finish();
}

SCENARIO(SipOffer, update_in_an_early_dialog_after_a_reliable_answer) {
  const auto session = a.call(b, sdp_a);
  ASSERT_TRUE(wire.run_until([&] { return b.count<IncomingInvite>() == 1; }));
  ASSERT_TRUE(b.stack.provisional(incoming(b), {183, "", sdp_b, true, {}}, wire.now()));
  ASSERT_TRUE(
      wire.run_until([&] { return wire.count([](const auto& c) { return c.answers(200, "PRACK"); }) == 1; }));
  wire.inject(a.address, b.address, raw_request(session, "UPDATE", 20, sdp_c));
  ASSERT_TRUE(wire.run_until([&] { return b.count<OfferReceived>() == 1; }));
  // The 200 to the INVITE waits for the answer.
  ASSERT_TRUE(b.stack.accept(incoming(b), "", {}, wire.now()));
  wire.run_for(milliseconds(10));
  EXPECT_EQ(a.count<Accepted>(), 0U);
  ASSERT_TRUE(b.stack.answer_offer(incoming(b), sdp_b, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return b.count<Confirmed>() == 1; }));
  EXPECT_EQ(status_of("UPDATE"), 200);
  ASSERT_TRUE(b.stack.end(incoming(b), {}, wire.now()));
  finish();
}

SCENARIO(SipOffer, offer_of_an_unspeakable_kind_gets_415) {  // §8.2.3
  const auto session = establish();
  auto invite = raw_request(session, "INVITE", 20, "");
  invite.set_body("<x/>", "application/xml");
  wire.inject(a.address, b.address, invite);
  wire.run_for(milliseconds(10));
  EXPECT_EQ(status_of("INVITE"), 415);
  EXPECT_EQ(wire.last("SIP/2.0 415")->message().value(HeaderId::accept), "application/sdp");
  // From the side whose numbers were not used by hand.
  ASSERT_TRUE(b.stack.end(incoming(b), {}, wire.now()));
  finish();
  expect_ended(a, EndCause::bye_received);
}

}  // namespace
}  // namespace sidetone::test
