// Hold, retrieve, release, answer and digits: "Hold-Retrieve", "Hold-Retrieve Music on Hold", "Termination
// TReleaseCall", "Answer Call Functionality".
#include "tlib_calls.h"

namespace sidetone::test {
namespace {

class TlibHold : public TlibCalls {};

SCENARIO(TlibHold, with_silence) {  // ladder steps 1 to 8 and 28 to 35
  connect();
  expect_done(ask(RequestName::hold_call, "7402"));
  expect_order({"7401 < INVITE sdp", "7401 > 200 INVITE sdp", "7401 < ACK", "7402 < INVITE sdp",
                "7402 > 200 INVITE sdp", "7402 < ACK", "EventHeld (7402,7401)"});
  EXPECT_EQ(a.speaks_to(), "-");
  EXPECT_EQ(b.speaks_to(), "-");
  mark();
  expect_done(ask(RequestName::retrieve_call, "7402"));
  expect_order({"7401 < INVITE", "7401 > 200 INVITE sdp", "7402 < INVITE sdp", "7402 > 200 INVITE sdp",
                "7401 < ACK sdp", "EventRetrieved (7402,7401)", "7402 < ACK"});
  EXPECT_EQ(a.speaks_to(), b.ip());
  EXPECT_EQ(b.speaks_to(), a.ip());
  hang_up_all();
}

SCENARIO(TlibHold, a_held_phone_may_offer_by_itself) {
  connect();
  expect_done(ask(RequestName::hold_call, "7402"));
  a.offer(a.up.back());
  run(seconds(1));
  EXPECT_EQ(a.speaks_to(), "-") << "the server answers with silence";
  expect_done(ask(RequestName::retrieve_call, "7402"));
  EXPECT_EQ(a.speaks_to(), b.ip());
  b.offer(b.up.back());
  run(seconds(1));
  EXPECT_EQ(a.speaks_to(), b.ip()) << "and relays again";
  EXPECT_EQ(b.speaks_to(), a.ip());
  hang_up_all();
}

SCENARIO(TlibHold, a_phone_that_holds_by_itself_is_told_to_come_back) {  // facts §3.4: talk while held
  connect();
  expect_done(ask(RequestName::hold_call, "7402"));
  b.holds = true;
  b.offer(b.up.back());
  run(seconds(1));
  mark();
  expect_done(ask(RequestName::retrieve_call, "7402"));
  expect_order({"EventRetrieved (7402,7401)", "7402 < NOTIFY", "7402 > INVITE sdp", "7401 < INVITE sdp"});
  EXPECT_FALSE(b.holds);
  EXPECT_EQ(a.speaks_to(), b.ip());
  EXPECT_EQ(b.speaks_to(), a.ip());
  hang_up_all();
}

SCENARIO(TlibHold, both_hold_and_each_comes_back) {
  connect();
  expect_done(ask(RequestName::hold_call, "7402"));
  expect_done(ask(RequestName::hold_call, "7401"));
  expect_done(ask(RequestName::retrieve_call, "7402"));
  EXPECT_EQ(a.speaks_to(), "-") << "7401 holds still";
  expect_done(ask(RequestName::retrieve_call, "7401"));
  EXPECT_EQ(a.speaks_to(), b.ip());
  EXPECT_EQ(b.speaks_to(), a.ip());
  hang_up_all();
}

SCENARIO(TlibHold, the_held_phone_makes_no_offer_when_it_is_asked_for_one) {  // RFC 3261 §13.2.1, §14.1
  connect();
  expect_done(ask(RequestName::hold_call, "7402"));
  a.offers_nothing = true;
  const auto request = ask(RequestName::retrieve_call, "7402");
  run(seconds(1));
  expect_error(request, ErrorCode::phone_failed, 488);
  EXPECT_EQ(a.speaks_to(), "-");
  a.offers_nothing = false;
  expect_done(ask(RequestName::retrieve_call, "7402"));
  EXPECT_EQ(a.speaks_to(), b.ip());
  EXPECT_EQ(b.speaks_to(), a.ip());
  hang_up_all();
}

SCENARIO(TlibHold, the_held_phone_refuses) {
  connect();
  a.refuse_offers_with = 488;
  const auto request = ask(RequestName::hold_call, "7402");
  run(seconds(1));
  expect_error(request, ErrorCode::phone_failed, 488);
  expect_none("EventHeld (7402,7401)");
  EXPECT_EQ(b.speaks_to(), a.ip()) << "nothing has changed";
  a.refuse_offers_with = 0;
  hang_up_all();
}

SCENARIO(TlibHold, the_holder_refuses_and_all_is_as_before) {
  connect();
  b.refuse_offers_with = 488;
  const auto request = ask(RequestName::hold_call, "7402");
  run(milliseconds(300));
  b.refuse_offers_with = 0;
  run(seconds(2));
  expect_error(request, ErrorCode::phone_failed, 488);
  expect_done(ask(RequestName::hold_call, "7402"));
  expect_done(ask(RequestName::retrieve_call, "7402"));
  EXPECT_EQ(a.speaks_to(), b.ip());
  EXPECT_EQ(b.speaks_to(), a.ip());
  hang_up_all();
}

// The phone's own offer is over when its ACK is there: nothing waits longer.
SCENARIO(TlibHold, right_after_an_offer_of_the_phone) {
  connect();
  a.offer(a.up.back());
  run(milliseconds(1));
  const auto request = ask(RequestName::hold_call, "7402");
  run(milliseconds(40));
  expect_success(request);
  expect_order({"7401 > INVITE sdp", "7402 < INVITE sdp", "7402 > 200 INVITE sdp", "7401 < 200 INVITE sdp",
                "7401 > ACK", "7401 < INVITE sdp", "EventHeld (7402,7401)"});
  EXPECT_EQ(a.speaks_to(), "-");
  hang_up_all();
}

SCENARIO(TlibHold, a_party_leaves_meanwhile) {
  connect();
  const auto request = ask(RequestName::hold_call, "7402");
  b.hang_up();
  run(seconds(2));
  EXPECT_TRUE(error_of(request) != nullptr || count("EventHeld (7402,7401)") == 1) << all();
  expect_all_over();
}

SCENARIO(TlibHold, two_requests_at_once) {
  connect();
  const auto first = ask(RequestName::hold_call, "7402");
  const auto second = ask(RequestName::hold_call, "7401");
  run(seconds(2));
  expect_success(first);
  expect_error(second, ErrorCode::busy);
  hang_up_all();
}

SCENARIO(TlibHold, release_stops_what_runs) {
  connect();
  const auto first = ask(RequestName::hold_call, "7402");
  const auto second = ask(RequestName::release_call, "7402");
  run(seconds(2));
  expect_error(first, ErrorCode::wrong_state, 487);
  expect_success(second);
  expect_all_over();
}

SCENARIO(TlibHold, phones_that_hang_up_together_with_the_hold) {
  connect();
  expect_done(ask(RequestName::hold_call, "7402"));
  a.hang_up();
  run(seconds(1));
  expect_order({"EventHeld (7402,7401)", "EventReleased (7401,7402)", "EventReleased (7402,7401)"});
  expect_all_over();
}

class TlibMusic : public TlibCalls {
 protected:
  static ServerSettings with_music() {
    ServerSettings settings;
    settings.music_on_hold = true;
    return settings;
  }
  TlibMusic() : TlibCalls(with_music()) {}
  ScriptPhone& m = media();
};

SCENARIO(TlibMusic, held_party_hears_music_holder_silence) {
  connect();
  expect_done(ask(RequestName::hold_call, "7401"));
  EXPECT_EQ(b.speaks_to(), m.ip());
  EXPECT_EQ(m.speaks_to(), b.ip());
  EXPECT_EQ(a.speaks_to(), "-");
  expect_order({"media < INVITE", "media > 200 INVITE sdp", "7402 < INVITE sdp", "7402 > 200 INVITE sdp",
                "media < ACK sdp", "7402 < ACK", "7401 < INVITE sdp", "EventHeld (7401,7402)"});
  expect_done(ask(RequestName::retrieve_call, "7401"));
  EXPECT_EQ(b.speaks_to(), a.ip());
  EXPECT_EQ(a.speaks_to(), b.ip());
  EXPECT_TRUE(m.up.empty());
  hang_up_all();
}

SCENARIO(TlibMusic, silence_when_the_media_server_refuses) {
  m.refuse_with = 503;
  connect();
  expect_done(ask(RequestName::hold_call, "7401"));
  EXPECT_EQ(a.speaks_to(), "-");
  EXPECT_EQ(b.speaks_to(), "-");
  hang_up_all();
}

SCENARIO(TlibMusic, ends_with_the_call) {
  connect();
  expect_done(ask(RequestName::hold_call, "7401"));
  b.hang_up();
  run(seconds(1));
  EXPECT_TRUE(m.up.empty());
  expect_all_over();
}

class TlibRelease : public TlibCalls {};

SCENARIO(TlibRelease, both_legs_get_bye) {
  connect();
  expect_done(ask(RequestName::release_call, "7402"));
  expect_order({"7402 < BYE", "EventReleased (7402,7401)", "EventOnHook (7402,-)"});
  expect_order({"7401 < BYE", "EventReleased (7401,7402)", "EventOnHook (7401,-)"});
  expect_all_over();
}

SCENARIO(TlibRelease, while_it_rings) {
  b.answer = ScriptPhone::Answer::never;
  a.dial("7402");
  run(seconds(1));
  mark();
  expect_done(ask(RequestName::release_call, "7401"));
  expect_order({"EventReleased (7401,7402)", "EventOnHook (7401,-)"});
  expect_order({"7402 < CANCEL", "EventAbandoned (7402,7401)"});
  expect_all_over();
}

SCENARIO(TlibRelease, a_call_that_make_call_still_makes) {
  b.answer = ScriptPhone::Answer::never;
  const auto call = ask(RequestName::make_call, "7401", "7402");
  run(seconds(1));
  mark();
  expect_done(ask(RequestName::release_call, "7401"));
  expect_error(call, ErrorCode::wrong_state);
  expect_order({"EventReleased (7401,7402)", "EventOnHook (7401,-)"});
  expect_order({"7402 < CANCEL", "EventAbandoned (7402,7401)"});
  expect_all_over();
}

class TlibAnswer : public TlibCalls {
 protected:
  void ring() {
    b.answer = ScriptPhone::Answer::when_told;
    a.dial("7402");
    run(seconds(1));
    mark();
  }
};

SCENARIO(TlibAnswer, notify_talk) {
  ring();
  expect_done(ask(RequestName::answer_call, "7402"));
  expect_order({"7402 < NOTIFY", "7402 > 200 NOTIFY", "7402 > 200 INVITE sdp", "EventOffHook (7402,-)",
                "EventEstablished (7402,7401)", "EventEstablished (7401,7402)"});
  EXPECT_EQ(a.speaks_to(), b.ip());
  hang_up_all();
}

SCENARIO(TlibAnswer, the_caller_gives_up_meanwhile) {
  ring();
  const auto request = ask(RequestName::answer_call, "7402");
  a.hang_up();
  for (std::uint64_t i = 1; i < 4; ++i)
    static_cast<void>(a.node.stack.end(sip::SessionId{i}, {}, wire.now()));
  run(seconds(2));
  EXPECT_TRUE(error_of(request) != nullptr || count("EventEstablished (7402,7401)") == 1) << all();
  b.hang_up();
  expect_all_over();
}

SCENARIO(TlibAnswer, the_phone_does_nothing) {
  ring();
  b.answer = ScriptPhone::Answer::never;
  const auto request = ask(RequestName::answer_call, "7402");
  run(seconds(60));
  expect_error(request, ErrorCode::phone_failed, 408);
  ask(RequestName::release_call, "7402");
  expect_all_over();
}

SCENARIO(TlibAnswer, asked_twice) {
  ring();
  const auto first = ask(RequestName::answer_call, "7402");
  const auto second = ask(RequestName::answer_call, "7402");
  run(seconds(2));
  expect_error(second, ErrorCode::busy);
  expect_success(first);
  EXPECT_EQ(told_of(first),
            (std::vector<std::string>{"EventOffHook (7402,-)", "EventEstablished (7402,7401)"}));
  hang_up_all();
}

SCENARIO(TlibAnswer, of_a_call_that_make_call_makes) {
  b.answer = ScriptPhone::Answer::when_told;
  const auto call = ask(RequestName::make_call, "7401", "7402");
  run(seconds(1));
  expect_done(ask(RequestName::answer_call, "7402"));
  expect_success(call);
  EXPECT_EQ(a.speaks_to(), b.ip());
  hang_up_all();
}

class TlibDigits : public TlibCalls {};

SCENARIO(TlibDigits, notify_dtmf) {
  connect();
  tlib::Request request;
  request.name = RequestName::send_dtmf;
  request.this_dn = "7402";
  request.digits = "12#";
  expect_done(ask(request));
  expect_order({"7402 < NOTIFY", "7402 > 200 NOTIFY", "EventDtmfSent (7402,7401)"});
  EXPECT_EQ(b.notified, std::vector<std::string>{"dtmf"});
  hang_up_all();
}

SCENARIO(TlibDigits, each_of_two_requests_has_its_event) {
  connect();
  tlib::Request request;
  request.name = RequestName::send_dtmf;
  request.this_dn = "7402";
  request.digits = "1";
  const auto first = ask(request);
  request.digits = "2";
  const auto second = ask(request);
  run(seconds(1));
  for (const auto id : {first, second})
    EXPECT_EQ(told_of(id), std::vector<std::string>{"EventDtmfSent (7402,7401)"}) << all();
  hang_up_all();
}

class TlibRedirect : public TlibCalls {};

SCENARIO(TlibRedirect, a_ringing_call) {
  b.answer = ScriptPhone::Answer::never;
  a.dial("7402");
  run(seconds(1));
  mark();
  expect_done(ask(RequestName::redirect_call, "7402", "7403"));
  expect_order({"EventReleased (7402,7401)", "7402 < CANCEL", "7403 < INVITE sdp", "EventRinging (7403,7401)",
                "EventEstablished (7403,7401)", "EventEstablished (7401,7403)"});
  EXPECT_EQ(a.speaks_to(), c.ip());
  EXPECT_EQ(c.speaks_to(), a.ip());
  hang_up_all();
}

// As when the 180 is lost: nothing has said before the answer who 7403 is.
SCENARIO(TlibRedirect, to_somebody_who_answers_without_ringing) {
  b.answer = ScriptPhone::Answer::never;
  c.rings = false;
  a.dial("7402");
  run(seconds(1));
  mark();
  expect_done(ask(RequestName::redirect_call, "7402", "7403"));
  expect_order({"EventReleased (7402,7401)", "7403 < INVITE sdp", "EventRinging (7403,7401)",
                "EventEstablished (7403,7401)", "EventEstablished (7401,7403)"});
  hang_up_all();
}

SCENARIO(TlibRedirect, a_call_that_make_call_makes) {
  b.answer = ScriptPhone::Answer::never;
  const auto call = ask(RequestName::make_call, "7401", "7402");
  run(seconds(1));
  expect_done(ask(RequestName::redirect_call, "7402", "7403"));
  expect_success(call);
  EXPECT_EQ(a.speaks_to(), c.ip());
  EXPECT_EQ(c.speaks_to(), a.ip());
  hang_up_all();
}

}  // namespace
}  // namespace sidetone::test
