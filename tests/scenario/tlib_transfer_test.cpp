// Single-step transfer by re-INVITE, by REFER and to a busy party; consult calls in two dialogs and in one;
// completing, reconnecting, alternating.
#include "sip/message/replaces.h"
#include "tlib_calls.h"

namespace sidetone::test {
namespace {

class TlibSingleStep : public TlibCalls {
 protected:
  using TlibCalls::TlibCalls;
  std::uint64_t transfer() { return ask(RequestName::single_step_transfer, "7402", "7403"); }
};

SCENARIO(TlibSingleStep, by_reinvite) {
  connect();
  expect_done(transfer());
  expect_order({"7403 < INVITE", "7403 > 180 INVITE", "7402 < BYE", "EventReleased (7402,7401)",
                "EventOnHook (7402,-)", "EventPartyChanged (7401,7403)", "EventRinging (7403,7401)",
                "7401 < INVITE sdp", "7401 > 200 INVITE sdp", "7403 < ACK sdp", "EventOffHook (7403,-)",
                "EventEstablished (7403,7401)", "7401 < ACK"});
  EXPECT_EQ(a.speaks_to(), c.ip());
  EXPECT_EQ(c.speaks_to(), a.ip());
  EXPECT_TRUE(b.up.empty());
  c.hang_up();
  run(seconds(1));
  expect_order({"EventReleased (7403,7401)", "EventReleased (7401,7403)", "EventOnHook (7401,-)"});
  hang_up_all();
}

SCENARIO(TlibSingleStep, destination_refuses_at_once_and_nothing_has_changed) {
  connect();
  c.rings = false;
  c.refuse_with = 486;
  const auto request = transfer();
  run(seconds(1));
  expect_error(request, ErrorCode::destination_failed, 486);
  EXPECT_EQ(a.speaks_to(), b.ip());
  expect_done(ask(RequestName::hold_call, "7402"));
  hang_up_all();
}

SCENARIO(TlibSingleStep, a_busy_party_loses_the_call) {
  connect();
  c.refuse_with = 486;
  const auto request = transfer();
  run(seconds(1));
  expect_error(request, ErrorCode::destination_failed, 486);
  expect_order({"7403 > 180 INVITE", "7402 < BYE", "EventReleased (7402,7401)", "EventOnHook (7402,-)",
                "EventPartyChanged (7401,7403)", "EventRinging (7403,7401)", "7403 > 486 INVITE",
                "7403 < ACK", "EventReleased (7401,7403)", "7401 < BYE"});
  expect_all_over();
}

SCENARIO(TlibSingleStep, the_party_that_stays_hangs_up) {
  c.answer = ScriptPhone::Answer::never;
  connect();
  const auto request = transfer();
  run(seconds(1));
  a.hang_up();
  run(seconds(1));
  EXPECT_NE(error_of(request), nullptr) << all();
  expect_order({"EventReleased (7401,7403)", "EventAbandoned (7403,7401)"});
  expect_all_over();
}

class TlibBusyTone : public TlibSingleStep {
 protected:
  static ServerSettings with_tone() {
    ServerSettings settings;
    settings.busy_treatment = true;
    return settings;
  }
  TlibBusyTone() : TlibSingleStep(with_tone()) {}
  ScriptPhone& m = media();
};

SCENARIO(TlibBusyTone, single_step_transfer_to_a_busy_party) {  // the ladder, steps 2 to 19
  connect();
  c.refuse_with = 486;
  const auto request = transfer();
  run(seconds(1));
  expect_error(request, ErrorCode::destination_failed, 486);
  expect_order({"7403 < INVITE", "7403 > 180 INVITE", "7402 < BYE", "EventReleased (7402,7401)",
                "EventOnHook (7402,-)", "EventPartyChanged (7401,7403)", "EventRinging (7403,7401)",
                "EventReleased (7401,7403)", "media < INVITE", "media > 180 INVITE", "media > 200 INVITE sdp",
                "7401 < INVITE sdp", "7401 > 200 INVITE sdp", "media < ACK sdp", "7401 < ACK"});
  expect_order({"7403 > 486 INVITE", "7403 < ACK", "EventReleased (7401,7403)"});
  EXPECT_EQ(a.speaks_to(), m.ip());
  a.hang_up();
  run(seconds(1));
  EXPECT_TRUE(m.up.empty());
  expect_all_over();
}

SCENARIO(TlibBusyTone, make_call) {
  b.refuse_with = 486;
  const auto request = ask(RequestName::make_call, "7401", "7402");
  run(seconds(1));
  expect_error(request, ErrorCode::destination_failed, 486);
  EXPECT_EQ(a.speaks_to(), m.ip());
  expect_order({"EventDestinationBusy (7401,7402)", "media < INVITE"});
  run(seconds(40));
  EXPECT_TRUE(a.up.empty()) << "nobody listens to it for ever";
  expect_order({"EventReleased (7401,7402)", "EventOnHook (7401,-)"});
  expect_all_over();
}

class TlibRefer : public TlibSingleStep {
 protected:
  static ServerSettings with_refer() {
    ServerSettings settings;
    settings.dn_defaults.refer_enabled = true;
    return settings;
  }
  TlibRefer() : TlibSingleStep(with_refer()) {}
};

SCENARIO(TlibRefer, single_step_transfer) {  // the ladder, steps 2 to 21
  connect();
  expect_done(transfer());
  expect_order({"7401 < REFER", "7401 > 202 REFER", "7401 > INVITE sdp", "7403 < INVITE sdp",
                "7403 > 180 INVITE", "7402 < BYE", "7401 < BYE", "7401 < 180 INVITE", "7403 > 200 INVITE sdp",
                "7401 < 200 INVITE sdp", "7401 > ACK"});
  expect_order({"7403 > 200 INVITE sdp", "7403 < ACK"});
  expect_order({"7402 < BYE", "EventReleased (7402,7401)", "EventOnHook (7402,-)",
                "EventPartyChanged (7401,7403)", "EventRinging (7403,7401)", "7401 < 180 INVITE",
                "EventOffHook (7403,-)", "EventEstablished (7403,7401)", "7401 > ACK"});
  expect_none("EventDialing (7401,7403)");
  EXPECT_EQ(a.speaks_to(), c.ip());
  EXPECT_EQ(c.speaks_to(), a.ip());
  EXPECT_EQ(a.up.size(), 1U);
  EXPECT_TRUE(b.up.empty());
  EXPECT_EQ(told.back().conn_id, conn_id_of("7402")) << "it is the same call";
  hang_up_all();
}

SCENARIO(TlibRefer, the_phone_refuses) {
  connect();
  a.refuse_offers_with = 403;
  const auto request = transfer();
  run(seconds(1));
  expect_error(request, ErrorCode::phone_failed, 403);
  EXPECT_EQ(a.speaks_to(), b.ip());
  a.refuse_offers_with = 0;
  hang_up_all();
}

SCENARIO(TlibRefer, the_destination_is_busy_at_once) {
  connect();
  c.rings = false;
  c.refuse_with = 486;
  const auto request = transfer();
  run(seconds(1));
  expect_error(request, ErrorCode::destination_failed, 486);
  EXPECT_EQ(a.speaks_to(), b.ip());
  expect_done(ask(RequestName::hold_call, "7402"));
  hang_up_all();
}

SCENARIO(TlibRefer, the_destination_rings_and_is_busy) {
  connect();
  c.refuse_with = 486;
  const auto request = transfer();
  run(seconds(1));
  expect_error(request, ErrorCode::destination_failed, 486);
  expect_all_over();
}

SCENARIO(TlibRefer, make_call) {
  const auto request = ask(RequestName::make_call, "7401", "7402");
  expect_done(request);
  expect_order({"7401 < REFER", "7401 > 202 REFER", "7401 > INVITE sdp", "EventOffHook (7401,-)",
                "EventDialing (7401,7402)", "7402 < INVITE sdp", "7402 > 180 INVITE",
                "EventRinging (7402,7401)", "7402 > 200 INVITE sdp", "EventEstablished (7402,7401)",
                "EventEstablished (7401,7402)"});
  EXPECT_EQ(a.speaks_to(), b.ip());
  hang_up_all();
}

SCENARIO(TlibRefer, make_call_to_a_busy_party) {
  b.refuse_with = 486;
  const auto request = ask(RequestName::make_call, "7401", "7402");
  run(seconds(1));
  expect_error(request, ErrorCode::destination_failed, 486);
  expect_order({"EventDialing (7401,7402)", "EventDestinationBusy (7401,7402)", "EventReleased (7401,7402)",
                "EventOnHook (7401,-)"});
  expect_all_over();
}

SCENARIO(TlibRefer, make_call_of_a_phone_that_will_not) {
  a.refuse_offers_with = 603;
  const auto request = ask(RequestName::make_call, "7401", "7402");
  run(seconds(1));
  expect_error(request, ErrorCode::phone_failed, 603);
  expect_all_over();
}

class TlibConsult : public TlibCalls {
 protected:
  using TlibCalls::TlibCalls;
};

SCENARIO(TlibConsult, in_two_dialogs) {  // the conference ladder, steps 2 to 24
  consult();
  expect_order({"7401 < INVITE sdp",
                "7401 < ACK",
                "7402 < INVITE sdp",
                "7402 < ACK",
                "EventHeld (7402,7401)",
                "7402 < INVITE sdp",
                "EventDialing (7402,7403)",
                "7402 > 180 INVITE",
                "7402 > 200 INVITE sdp",
                "7402 < ACK",
                "7403 < INVITE",
                "7403 > 180 INVITE",
                "EventRinging (7403,7402)",
                "7403 > 200 INVITE sdp",
                "7402 < INVITE sdp",
                "7402 > 200 INVITE sdp",
                "7403 < ACK sdp",
                "EventOffHook (7403,-)",
                "EventEstablished (7403,7402)",
                "EventEstablished (7402,7403)",
                "7402 < ACK"});
  expect_none("EventOffHook (7402,-)");
  const auto& last = told.back();
  EXPECT_EQ(last.call_type, tlib::CallType::consult);
  EXPECT_EQ(last.previous_conn_id, main);
  EXPECT_NE(last.conn_id, main);
  EXPECT_EQ(b.up.size(), 2U);
  hang_up_all();
}

SCENARIO(TlibConsult, transfer_completed) {
  consult();
  mark();
  expect_done(ask(RequestName::complete_transfer, "7402"));
  expect_uuid({&a, &c});
  expect_order({"7401 < INVITE", "7401 > 200 INVITE sdp", "7403 < INVITE sdp", "7403 > 200 INVITE sdp",
                "7401 < ACK sdp", "7402 < BYE", "EventReleased (7402,7403)", "7402 < BYE",
                "EventReleased (7402,7401)", "EventPartyChanged (7401,7403)", "EventPartyChanged (7403,7401)",
                "7403 < ACK"});
  EXPECT_EQ(count("EventOnHook (7402,-)"), 1U);
  EXPECT_EQ(a.speaks_to(), c.ip());
  EXPECT_EQ(c.speaks_to(), a.ip());
  EXPECT_TRUE(b.up.empty());
  EXPECT_EQ(lab.server.active_calls(), 1U);
  EXPECT_EQ(told.back().conn_id, main);
  mark();
  a.hang_up();
  run(seconds(1));
  expect_order({"EventReleased (7401,7403)", "EventReleased (7403,7401)"});
  hang_up_all();
}

SCENARIO(TlibConsult, reconnected) {
  consult();
  mark();
  expect_done(ask(RequestName::reconnect_call, "7402"));
  expect_order({"7402 < BYE", "EventReleased (7402,7403)", "7403 < BYE", "EventReleased (7403,7402)",
                "EventRetrieved (7402,7401)"});
  expect_none("EventOnHook (7402,-)");
  EXPECT_EQ(a.speaks_to(), b.ip());
  EXPECT_EQ(b.speaks_to(), a.ip());
  EXPECT_EQ(b.up.size(), 1U);
  hang_up_all();
}

SCENARIO(TlibConsult, reconnected_while_it_rings) {
  c.answer = ScriptPhone::Answer::never;
  connect();
  const auto request = ask(RequestName::initiate_transfer, "7402", "7403");
  run(seconds(1));
  expect_done(ask(RequestName::reconnect_call, "7402"));
  expect_error(request, ErrorCode::wrong_state);
  expect_order({"EventReleased (7402,7403)", "EventRetrieved (7402,7401)"});
  expect_order({"7403 < CANCEL", "EventAbandoned (7403,7402)"});
  EXPECT_EQ(a.speaks_to(), b.ip());
  EXPECT_EQ(b.up.size(), 1U);
  hang_up_all();
}

SCENARIO(TlibConsult, alternated) {
  consult();
  mark();
  expect_done(ask(RequestName::alternate_call, "7402"));
  expect_order({"EventHeld (7402,7403)", "EventRetrieved (7402,7401)"});
  EXPECT_EQ(a.speaks_to(), b.ip());
  EXPECT_EQ(c.speaks_to(), "-");
  EXPECT_EQ(b.speaks_to(b.up[0]), a.ip());
  EXPECT_EQ(b.speaks_to(b.up[1]), "-");
  expect_done(ask(RequestName::alternate_call, "7402"));
  EXPECT_EQ(a.speaks_to(), "-");
  EXPECT_EQ(c.speaks_to(), b.ip());
  expect_done(ask(RequestName::complete_transfer, "7402"));
  EXPECT_EQ(a.speaks_to(), c.ip());
  hang_up_all();
}

SCENARIO(TlibConsult, the_consulted_party_is_busy) {
  connect();
  c.refuse_with = 486;
  const auto request = ask(RequestName::initiate_transfer, "7402", "7403");
  run(seconds(1));
  expect_error(request, ErrorCode::destination_failed, 486);
  expect_order({"EventHeld (7402,7401)", "EventDialing (7402,7403)", "EventDestinationBusy (7402,7403)",
                "EventReleased (7402,7403)"});
  expect_none("EventOnHook (7402,-)");
  expect_done(ask(RequestName::retrieve_call, "7402"));
  EXPECT_EQ(a.speaks_to(), b.ip());
  hang_up_all();
}

SCENARIO(TlibConsult, the_held_party_leaves_while_the_consult_call_rings) {
  c.answer = ScriptPhone::Answer::when_told;
  connect();
  const auto request = ask(RequestName::initiate_transfer, "7402", "7403");
  run(seconds(1));
  a.hang_up();
  run(seconds(1));
  c.pick_up();
  expect_done(request);
  EXPECT_EQ(c.speaks_to(), b.ip());
  EXPECT_EQ(b.up.size(), 1U);
  const auto complete = ask(RequestName::complete_transfer, "7402");
  expect_error(complete, ErrorCode::wrong_state);
  hang_up_all();
}

SCENARIO(TlibConsult, the_held_party_refuses_to_be_transferred) {
  consult();
  a.refuse_offers_with = 488;
  const auto request = ask(RequestName::complete_transfer, "7402");
  run(seconds(1));
  expect_error(request, ErrorCode::phone_failed, 488);
  EXPECT_EQ(c.speaks_to(), b.ip()) << "nothing has changed";
  a.refuse_offers_with = 0;
  expect_done(ask(RequestName::complete_transfer, "7402"));
  EXPECT_EQ(c.speaks_to(), a.ip());
  hang_up_all();
}

SCENARIO(TlibConsult, the_consulted_party_refuses_to_be_transferred) {
  consult();
  c.refuse_offers_with = 488;
  const auto request = ask(RequestName::complete_transfer, "7402");
  run(seconds(1));
  expect_error(request, ErrorCode::phone_failed, 488);
  EXPECT_EQ(a.speaks_to(), "-");
  EXPECT_EQ(c.speaks_to(), b.ip());
  c.refuse_offers_with = 0;
  expect_done(ask(RequestName::reconnect_call, "7402"));
  EXPECT_EQ(a.speaks_to(), b.ip());
  hang_up_all();
}

class TlibBorrowed : public TlibConsult {
 protected:
  static ServerSettings one_dialog() {
    ServerSettings settings;
    settings.dn_options["7402"].dual_dialog_enabled = false;
    return settings;
  }
  TlibBorrowed() : TlibConsult(one_dialog()) {}
  ScriptPhone& m = media();
};

SCENARIO(TlibBorrowed, consult_call) {  // "Consult Call Single EndPoint"
  consult();
  expect_uuid({&b, &c});
  EXPECT_EQ(b.up.size(), 1U);
  EXPECT_EQ(b.speaks_to(), c.ip());
  expect_order({"7401 < INVITE sdp", "EventHeld (7402,7401)", "EventDialing (7402,7403)", "7403 < INVITE",
                "EventRinging (7403,7402)", "media < INVITE", "media > 200 INVITE sdp", "7402 < INVITE sdp",
                "7402 < INVITE sdp", "EventEstablished (7403,7402)", "EventEstablished (7402,7403)"});
  hang_up_all();
}

SCENARIO(TlibBorrowed, transfer_completed) {
  consult();
  expect_done(ask(RequestName::complete_transfer, "7402"));
  expect_uuid({&a, &c});
  EXPECT_EQ(a.speaks_to(), c.ip());
  EXPECT_EQ(c.speaks_to(), a.ip());
  EXPECT_TRUE(b.up.empty());
  expect_order({"EventReleased (7402,7403)", "EventReleased (7402,7401)", "EventOnHook (7402,-)"});
  hang_up_all();
}

SCENARIO(TlibBorrowed, reconnected) {
  consult();
  mark();
  expect_done(ask(RequestName::reconnect_call, "7402"));
  expect_uuid({&a, &b});
  expect_order({"EventReleased (7402,7403)", "EventRetrieved (7402,7401)"});
  expect_none("7402 < BYE");
  EXPECT_EQ(a.speaks_to(), b.ip());
  EXPECT_EQ(b.speaks_to(), a.ip());
  EXPECT_TRUE(c.up.empty());
  hang_up_all();
}

SCENARIO(TlibBorrowed, reconnected_while_it_rings) {
  c.answer = ScriptPhone::Answer::never;
  connect();
  const auto request = ask(RequestName::initiate_transfer, "7402", "7403");
  run(seconds(1));
  EXPECT_EQ(b.speaks_to(), m.ip());
  expect_done(ask(RequestName::reconnect_call, "7402"));
  expect_error(request, ErrorCode::wrong_state);
  EXPECT_EQ(a.speaks_to(), b.ip());
  EXPECT_EQ(b.speaks_to(), a.ip());
  EXPECT_TRUE(m.up.empty());
  hang_up_all();
}

SCENARIO(TlibBorrowed, alternated) {
  consult();
  expect_done(ask(RequestName::alternate_call, "7402"));
  EXPECT_EQ(a.speaks_to(), b.ip());
  EXPECT_EQ(b.speaks_to(), a.ip());
  EXPECT_EQ(c.speaks_to(), "-");
  expect_done(ask(RequestName::alternate_call, "7402"));
  EXPECT_EQ(c.speaks_to(), b.ip());
  EXPECT_EQ(b.speaks_to(), c.ip());
  EXPECT_EQ(a.speaks_to(), "-");
  hang_up_all();
}

SCENARIO(TlibBorrowed, the_consulted_party_is_busy) {
  connect();
  c.refuse_with = 486;
  const auto request = ask(RequestName::initiate_transfer, "7402", "7403");
  run(seconds(1));
  expect_error(request, ErrorCode::destination_failed, 486);
  EXPECT_EQ(b.up.size(), 1U);
  expect_done(ask(RequestName::retrieve_call, "7402"));
  EXPECT_EQ(a.speaks_to(), b.ip());
  EXPECT_EQ(b.speaks_to(), a.ip());
  hang_up_all();
}

SCENARIO(TlibBorrowed, the_consulted_party_hangs_up) {
  consult();
  c.hang_up();
  run(seconds(1));
  expect_order({"EventReleased (7403,7402)", "EventReleased (7402,7403)"});
  EXPECT_EQ(b.up.size(), 1U) << "its only dialog serves the main call, too";
  expect_done(ask(RequestName::retrieve_call, "7402"));
  EXPECT_EQ(a.speaks_to(), b.ip());
  hang_up_all();
}

SCENARIO(TlibBorrowed, the_consult_call_is_released) {
  consult();
  tlib::Request request;
  request.name = RequestName::release_call;
  request.this_dn = "7402";
  request.conn_id = conn_id_of("7403");
  expect_done(ask(request));
  expect_order({"EventReleased (7402,7403)", "EventReleased (7403,7402)"});
  EXPECT_EQ(b.up.size(), 1U) << "its only dialog serves the main call";
  EXPECT_TRUE(c.up.empty());
  expect_done(ask(RequestName::retrieve_call, "7402"));
  EXPECT_EQ(a.speaks_to(), b.ip());
  EXPECT_EQ(b.speaks_to(), a.ip());
  hang_up_all();
}

SCENARIO(TlibBorrowed, the_agent_hangs_up) {
  consult();
  b.hang_up();
  run(seconds(1));
  expect_order({"EventReleased (7402,7403)", "EventReleased (7403,7402)"});
  expect_order({"EventReleased (7402,7401)", "EventReleased (7401,7402)"});
  expect_all_over();
}

SCENARIO(TlibBorrowed, the_held_party_hangs_up) {
  consult();
  a.hang_up();
  run(seconds(1));
  EXPECT_EQ(b.speaks_to(), c.ip()) << "the consult call goes on";
  EXPECT_EQ(b.up.size(), 1U);
  hang_up_all();
}

class TlibReplaces : public TlibConsult {
 protected:
  static ServerSettings by_refer() {
    ServerSettings settings;
    settings.dn_options["7402"].transfer_complete_by_refer = true;
    return settings;
  }
  TlibReplaces() : TlibConsult(by_refer()) {}
};

SCENARIO(TlibReplaces, transfer_completed) {  // RFC 3891
  consult();
  mark();
  expect_done(ask(RequestName::complete_transfer, "7402"));
  expect_uuid({&a, &c});
  expect_order({"7401 < REFER", "7401 > 202 REFER", "7401 > INVITE sdp", "7403 < INVITE sdp",
                "7403 > 200 INVITE sdp", "7401 < 200 INVITE sdp", "EventPartyChanged (7401,7403)",
                "EventPartyChanged (7403,7401)"});
  expect_order({"EventReleased (7402,7403)", "EventReleased (7402,7401)", "EventOnHook (7402,-)"});
  EXPECT_EQ(count("7402 < BYE"), 2U);
  EXPECT_EQ(a.speaks_to(), c.ip());
  EXPECT_EQ(c.speaks_to(), a.ip());
  EXPECT_EQ(a.up.size(), 1U);
  EXPECT_EQ(c.up.size(), 1U);
  EXPECT_TRUE(b.up.empty());
  EXPECT_EQ(lab.server.active_calls(), 1U);
  hang_up_all();
}

SCENARIO(TlibReplaces, the_phone_refuses) {
  consult();
  a.refuse_offers_with = 403;
  const auto request = ask(RequestName::complete_transfer, "7402");
  run(seconds(1));
  expect_error(request, ErrorCode::phone_failed, 403);
  EXPECT_EQ(c.speaks_to(), b.ip());
  a.refuse_offers_with = 0;
  hang_up_all();
}

SCENARIO(TlibReplaces, the_consulted_phone_refuses) {
  consult();
  c.refuse_offers_with = 488;
  const auto request = ask(RequestName::complete_transfer, "7402");
  run(seconds(1));
  expect_error(request, ErrorCode::phone_failed, 488);
  EXPECT_EQ(c.speaks_to(), b.ip());
  EXPECT_EQ(b.up.size(), 2U);
  c.refuse_offers_with = 0;
  expect_done(ask(RequestName::reconnect_call, "7402"));
  EXPECT_EQ(a.speaks_to(), b.ip());
  hang_up_all();
}

// No desktop: 7402's phone asks 7401's to call in the place of its own consult call (RFC 5589 §7).
SCENARIO(TlibReplaces, phones_transfer_by_themselves) {
  connect();
  const auto to_c = b.dial("7403");
  run(seconds(1));
  const auto dialog = b.node.dialog(to_c);
  sip::Replaces replaces;
  replaces.call_id = dialog.call_id;
  replaces.to_tag = dialog.remote_tag;
  replaces.from_tag = dialog.local_tag;
  sip::ReferTo refer_to;
  refer_to.uri = "sip:7403@10.0.0.9:5060";
  refer_to.replaces = replaces.write();
  sip::Refer refer;
  refer.session = b.up.front();
  refer.refer_to = refer_to.to_uri();
  ASSERT_TRUE(b.node.stack.refer(refer, wire.now()));
  wire.settle(b.node);
  run(seconds(1));
  EXPECT_EQ(c.invites.size(), 1U) << "7403's phone does not ring again";
  EXPECT_EQ(a.speaks_to(), c.ip());
  EXPECT_EQ(c.speaks_to(), a.ip());
  expect_order({"EventReleased (7402,7403)", "EventPartyChanged (7403,7401)"});
  hang_up_all();
}

class TlibHoldFirst : public TlibSingleStep {
 protected:
  static ServerSettings hold_first() {
    ServerSettings settings;
    settings.dn_options["7401"].reinvite_requires_hold = true;
    return settings;
  }
  TlibHoldFirst() : TlibSingleStep(hold_first()) {}
};

SCENARIO(TlibHoldFirst, silence_before_another_peer) {  // reinvite-requires-hold
  connect();
  expect_done(transfer());
  expect_order({"7403 > 200 INVITE sdp", "7401 < INVITE sdp", "7401 > 200 INVITE sdp", "7401 < ACK",
                "7401 < INVITE sdp", "7401 > 200 INVITE sdp", "7403 < ACK sdp", "7401 < ACK"});
  EXPECT_EQ(a.speaks_to(), c.ip());
  hang_up_all();
}

}  // namespace
}  // namespace sidetone::test
