// MakeCall: protocol-facts of SIP Server's documentation, "T-Lib-Initiated MakeCall re-INVITE" and steps 9 to
// 24 of the ladder of "3-Way Conf Central Mixing".
#include "tlib_scenario.h"

namespace sidetone::test {
namespace {

using tlib::ErrorCode;
using tlib::RequestName;

class TlibMakeCall : public TlibScenario {
 protected:
  using TlibScenario::TlibScenario;
  ScriptPhone& a = phone("7001");
  ScriptPhone& b = phone("7002");
  std::uint64_t make_call() {
    mark();
    return ask(RequestName::make_call, "7001", "7002");
  }
};

SCENARIO(TlibMakeCall, by_reinvite) {
  const auto call = make_call();
  run(seconds(2));
  expect_success(call);
  expect_order({"7001 < INVITE sdp", "EventOffHook (7001,-)", "EventDialing (7001,7002)", "7001 > 180 INVITE",
                "7001 > 200 INVITE sdp", "7001 < ACK", "7002 < INVITE", "7002 > 180 INVITE",
                "EventRinging (7002,7001)", "7002 > 200 INVITE sdp", "7001 < INVITE sdp",
                "7001 > 200 INVITE sdp", "7002 < ACK sdp", "EventOffHook (7002,-)",
                "EventEstablished (7002,7001)", "EventEstablished (7001,7002)", "7001 < ACK"});
  EXPECT_EQ(a.speaks_to(), b.ip());
  EXPECT_EQ(b.speaks_to(), a.ip());
  expect_lawful_origins();
  a.hang_up();
  run(seconds(1));
  expect_order({"EventEstablished (7001,7002)", "7001 > BYE", "EventReleased (7001,7002)",
                "EventOnHook (7001,-)", "EventReleased (7002,7001)", "EventOnHook (7002,-)"});
  expect_all_over();
}

SCENARIO(TlibMakeCall, answered_by_notify_talk) {  // facts §3.2: user or NOTIFY talk answers
  a.answer = ScriptPhone::Answer::when_told;
  const auto call = make_call();
  run(seconds(2));
  expect_success(call);
  expect_order({"7001 < INVITE sdp", "7001 > 180 INVITE", "7001 < NOTIFY", "7001 > 200 NOTIFY",
                "7001 > 200 INVITE sdp", "7002 < INVITE"});
  ASSERT_EQ(a.notified, std::vector<std::string>{"talk"});
}

SCENARIO(TlibMakeCall, destination_is_busy) {
  b.refuse_with = 486;
  const auto call = make_call();
  run(seconds(2));
  expect_error(call, ErrorCode::destination_failed, 486);
  expect_order({"EventDialing (7001,7002)", "EventRinging (7002,7001)", "7002 > 486 INVITE",
                "EventReleased (7002,7001)", "EventDestinationBusy (7001,7002)", "7001 < BYE",
                "EventReleased (7001,7002)", "EventOnHook (7001,-)"});
  expect_all_over();
}

SCENARIO(TlibMakeCall, caller_does_not_take_it) {
  a.refuse_with = 486;
  const auto call = make_call();
  run(seconds(2));
  expect_error(call, ErrorCode::phone_failed, 486);
  expect_order(
      {"EventDialing (7001,7002)", "7001 > 486 INVITE", "EventReleased (7001,7002)", "EventOnHook (7001,-)"});
  expect_none("7002 < INVITE");
  expect_all_over();
}

SCENARIO(TlibMakeCall, caller_hangs_up_while_it_rings) {
  b.answer = ScriptPhone::Answer::never;
  const auto call = make_call();
  run(seconds(2));
  a.hang_up();
  run(seconds(2));
  expect_error(call, ErrorCode::wrong_state);
  expect_order({"EventRinging (7002,7001)", "7001 > BYE", "EventReleased (7001,7002)", "EventOnHook (7001,-)",
                "7002 < CANCEL", "EventAbandoned (7002,7001)"});
  expect_all_over();
}

// RFC 3261 §13.3.1: the phone was away when the server gave up (found by the simulator, seed 33261).
SCENARIO(TlibMakeCall, nobody_rings_for_ever) {
  b.answer = ScriptPhone::Answer::never;
  ask(RequestName::make_call, "7001", "7002");
  run(seconds(1));
  ASSERT_TRUE(b.ringing);
  wire.rule = [this](const Crossing& crossing) { return Treatment{crossing.to == b.node.address ? 0U : 1U}; };
  run(std::chrono::minutes(4));
  EXPECT_FALSE(b.ringing);
  wire.rule = nullptr;
  run(seconds(40));
}

SCENARIO(TlibMakeCall, ring_back_from_the_media_server) {  // ring-tone-on-make-call
  auto& m = media();
  b.answer = ScriptPhone::Answer::never;
  const auto call = make_call();
  run(seconds(2));
  EXPECT_EQ(a.speaks_to(), m.ip());
  EXPECT_EQ(m.speaks_to(), a.ip());
  b.pick_up();
  run(seconds(2));
  expect_success(call);
  EXPECT_EQ(a.speaks_to(), b.ip());
  EXPECT_EQ(b.speaks_to(), a.ip());
  EXPECT_TRUE(m.up.empty());
  expect_order({"EventRinging (7002,7001)", "media < INVITE", "media > 200 INVITE sdp", "7001 < INVITE sdp",
                "7001 > 200 INVITE sdp", "media < ACK sdp", "7001 < ACK", "7002 > 200 INVITE sdp",
                "7001 < INVITE sdp", "7002 < ACK sdp", "media < BYE"});
  expect_lawful_origins();
}

SCENARIO(TlibMakeCall, the_180_never_came) {  // facts §3.3: Ringing before Established
  b.rings = false;
  const auto call = make_call();
  run(seconds(2));
  expect_success(call);
  expect_order({"7002 < INVITE", "7002 > 200 INVITE sdp", "EventRinging (7002,7001)", "EventOffHook (7002,-)",
                "EventEstablished (7002,7001)", "EventEstablished (7001,7002)"});
}

SCENARIO(TlibMakeCall, the_180_never_came_to_a_phone_that_calls_by_itself) {
  b.rings = false;
  a.dial("7002");
  run(seconds(2));
  expect_order({"7002 > 200 INVITE sdp", "EventRinging (7002,7001)", "EventOffHook (7002,-)",
                "EventEstablished (7002,7001)", "EventEstablished (7001,7002)"});
}

// SIP Server knows one contact of a DN, the one that registered last.
SCENARIO(TlibMakeCall, rings_the_newest_contact) {
  auto& newer = phone("7002");
  const auto call = make_call();
  run(seconds(2));
  expect_success(call);
  EXPECT_EQ(a.speaks_to(), newer.ip());
  EXPECT_TRUE(b.invites.empty());
  a.hang_up();
  run(seconds(1));
  newer.unregister();
  run(seconds(1));
  make_call();
  run(seconds(2));
  EXPECT_EQ(a.speaks_to(), b.ip()) << "the one before it is still registered";
}

class TlibMakeCallByRefer : public TlibScenario {
 protected:
  static ServerSettings with_refer() {
    ServerSettings settings;
    settings.dn_defaults.refer_enabled = true;
    return settings;
  }
  TlibMakeCallByRefer() : TlibScenario(with_refer()) {}
  ScriptPhone& a = phone("7001");
  ScriptPhone& b = phone("7002");
};

// The phone has its REFER and calls in spite of all: nobody waits for that call any more.
SCENARIO(TlibMakeCallByRefer, released_before_the_phone_calls) {
  const auto call = ask(RequestName::make_call, "7001", "7002");
  const auto release = ask(RequestName::release_call, "7001");
  run(seconds(2));
  expect_error(call, ErrorCode::wrong_state, 487);
  EXPECT_EQ(told_of(release).size(), 1U) << all();
  expect_none("7002 < INVITE sdp");
  expect_order({"7001 > INVITE sdp", "7001 < 487 INVITE"});
  expect_none("EventDialing (7001,7002)");
  a.dial("7002");
  run(seconds(2));
  EXPECT_EQ(a.speaks_to(), b.ip()) << "a call that its user makes is another one";
}

SCENARIO(TlibMakeCallByRefer, released_while_it_rings) {
  b.answer = ScriptPhone::Answer::never;
  const auto call = ask(RequestName::make_call, "7001", "7002");
  run(seconds(2));
  const auto release = ask(RequestName::release_call, "7001");
  run(seconds(2));
  expect_error(call, ErrorCode::wrong_state);
  EXPECT_EQ(told_of(release), (std::vector<std::string>{"EventReleased (7001,7002)", "EventOnHook (7001,-)",
                                                        "EventAbandoned (7002,7001)"}));
  expect_order({"EventRinging (7002,7001)", "7002 < CANCEL", "EventAbandoned (7002,7001)"});
  expect_all_over();
}

class TlibFlow1 : public TlibScenario {  // make-call-rfc3725-flow=1
 protected:
  static ServerSettings flow_1(bool busy_tone) {
    ServerSettings settings;
    settings.dn_defaults.make_call_rfc3725_flow = 1;
    settings.busy_treatment = busy_tone;
    return settings;
  }
  explicit TlibFlow1(bool busy_tone = false) : TlibScenario(flow_1(busy_tone)) {
    a.answer = ScriptPhone::Answer::when_told;
  }
  ScriptPhone& a = phone("7001");
  ScriptPhone& b = phone("7002");
  std::uint64_t make_call() {
    mark();
    return ask(RequestName::make_call, "7001", "7002");
  }
};

SCENARIO(TlibFlow1, caller_waits_for_its_ack) {
  b.answer = ScriptPhone::Answer::when_told;
  const auto call = make_call();
  run(seconds(3));
  expect_order({"7001 < INVITE", "EventDialing (7001,7002)", "7001 > 180 INVITE", "7001 < NOTIFY",
                "7001 > 200 NOTIFY", "7001 > 200 INVITE sdp", "7002 < INVITE sdp", "7002 > 180 INVITE",
                "EventRinging (7002,7001)"});
  expect_none("7001 < ACK sdp");
  EXPECT_GT(count("7001 > 200 INVITE sdp"), 2U) << "its phone repeats the 200 meanwhile";
  b.pick_up();
  run(seconds(1));
  expect_success(call);
  expect_order({"7002 > 200 INVITE sdp", "7001 < ACK sdp", "EventEstablished (7002,7001)",
                "EventEstablished (7001,7002)"});
  expect_order({"7002 > 200 INVITE sdp", "7002 < ACK"});
  expect_none("7001 < INVITE sdp");
  EXPECT_EQ(a.speaks_to(), b.ip());
  EXPECT_EQ(b.speaks_to(), a.ip());
  expect_lawful_origins();
  a.hang_up();
  expect_all_over();
}

SCENARIO(TlibFlow1, refused_without_media_server) {  // its own offer echoed, then BYE with the reason
  b.refuse_with = 403;
  const auto call = make_call();
  run(seconds(2));
  expect_error(call, ErrorCode::destination_failed, 403);
  expect_order({"7002 > 403 INVITE", "EventDestinationBusy (7001,7002)"});
  expect_order({"7002 > 403 INVITE", "7001 < ACK sdp", "7001 < BYE", "EventReleased (7001,7002)",
                "EventOnHook (7001,-)"});
  ASSERT_FALSE(a.remote.empty());
  EXPECT_EQ(a.speaks_to(a.remote.begin()->first), a.ip());
  const auto* ended = a.node.last<sip::SessionEnded>();
  EXPECT_EQ(ended->status, 403) << "Reason: SIP;cause=403";
  expect_all_over();
}

SCENARIO(TlibFlow1, nobody_answers_for_32_s) {
  b.answer = ScriptPhone::Answer::never;
  const auto call = make_call();
  run(milliseconds(31000));
  EXPECT_EQ(error_of(call), nullptr);
  run(seconds(2));
  expect_error(call, ErrorCode::destination_failed, 408);
  expect_order({"7001 < ACK sdp", "7001 < BYE", "EventReleased (7001,7002)"});
  expect_order({"7002 < CANCEL", "EventAbandoned (7002,7001)"});
  EXPECT_EQ(a.speaks_to(a.remote.begin()->first), "-") << "black hole";
  expect_all_over();
}

class TlibFlow1BusyTone : public TlibFlow1 {
 protected:
  TlibFlow1BusyTone() : TlibFlow1(true) {}
  ScriptPhone& m = media();
};

SCENARIO(TlibFlow1BusyTone, refused_with_media_server) {
  b.refuse_with = 486;
  const auto call = make_call();
  run(seconds(2));
  expect_error(call, ErrorCode::destination_failed, 486);
  EXPECT_EQ(a.speaks_to(), m.ip());
  EXPECT_EQ(m.speaks_to(), a.ip());
  a.hang_up();
  run(seconds(1));
  expect_order({"7002 > 486 INVITE", "media < INVITE sdp", "media > 200 INVITE sdp", "7001 < ACK sdp",
                "EventReleased (7001,7002)", "media < BYE"});
  expect_all_over();
}

}  // namespace
}  // namespace sidetone::test
