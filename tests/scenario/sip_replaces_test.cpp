// Replaces (RFC 3891), Join as far as it is read (RFC 3911), INFO (RFC 6086), ringing that has an end.
#include "calls.h"

namespace sidetone::test {
namespace {

using namespace sip;

class SipReplaces : public TwoPhones {
 protected:
  Node& c = wire.add("c", "10.0.0.3:5060");

  // As `node` knows the dialog of `session`; for the INVITE that `node` gets.
  static ReplacedDialog dialog_at(const Node& node, SessionId session, bool early_only = false) {
    const auto dialog = node.stack.dialog(session);
    EXPECT_TRUE(dialog);
    return dialog ? ReplacedDialog{dialog->call_id, dialog->local_tag, dialog->remote_tag, early_only}
                  : ReplacedDialog{};
  }
  SessionId replace(const Node& at, ReplacedDialog replaced) {
    Invite wish;
    wish.target = at.uri("callee");
    wish.from_uri = c.uri("third");
    wish.sdp = sdp_c;
    wish.replaces = std::move(replaced);
    const auto made = c.stack.invite(std::move(wish), wire.now());
    EXPECT_TRUE(made);
    wire.settle(c);
    return *made;
  }
  int refusal() {
    EXPECT_TRUE(wire.run_until([&] { return c.count<SessionEnded>() == 1; })) << wire.ladder();
    return c.last<SessionEnded>() ? c.last<SessionEnded>()->status : 0;
  }
};

SCENARIO(SipReplaces, a_confirmed_call_is_taken_over_in_one_step) {  // §3
  establish();
  const auto old = incoming(b);
  const auto fresh = replace(b, dialog_at(b, old));
  ASSERT_TRUE(wire.run_until([&] { return b.count<SessionEnded>() == 1; })) << wire.ladder();
  const auto* invite = b.last<IncomingInvite>();
  EXPECT_EQ(invite->replaces, old);
  EXPECT_EQ(b.last<SessionEnded>()->session, old);
  EXPECT_EQ(b.last<SessionEnded>()->cause, EndCause::replaced);
  EXPECT_EQ(a.count<SessionEnded>(), 0U);  // its BYE is still on the way
  EXPECT_TRUE(invite->request->lists(HeaderId::require, "replaces"));
  ASSERT_TRUE(wire.run_until([&] { return b.count<Confirmed>() == 2 && a.count<SessionEnded>() == 1; }));
  expect_ended(a, EndCause::bye_received);
  ASSERT_TRUE(c.stack.end(fresh, {}, wire.now()));
  finish();
}

SCENARIO(SipReplaces, an_early_call_of_ours_is_taken_over) {  // §3: CANCEL
  const auto old = a.call(b, sdp_a);
  ASSERT_TRUE(wire.run_until([&] { return b.count<IncomingInvite>() == 1; }));
  ASSERT_TRUE(b.stack.provisional(incoming(b), {}, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return last_provisional(a) == 180; }));
  answer_all(a, sdp_a);
  const auto fresh = replace(a, dialog_at(a, old, true));
  ASSERT_TRUE(wire.run_until([&] { return c.count<Accepted>() == 1 && b.count<SessionEnded>() == 1; }))
      << wire.ladder();
  expect_ended(a, EndCause::replaced);
  expect_ended(b, EndCause::cancelled_by_peer);
  ASSERT_TRUE(c.stack.end(fresh, {}, wire.now()));
  finish();
}

SCENARIO(SipReplaces, refused_when_it_names_what_may_not_be_replaced) {  // §3
  const auto session = a.call(b, sdp_a);
  ASSERT_TRUE(wire.run_until([&] { return b.count<IncomingInvite>() == 1; }));
  const auto old = incoming(b);
  replace(b, dialog_at(b, old));  // early, and not initiated by b
  EXPECT_EQ(refusal(), 481);
  ASSERT_TRUE(b.stack.accept(old, sdp_b, {}, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return b.count<Confirmed>() == 1; }));
  struct Row {
    bool early_only;
    const char* to_tag;
    int status;
  };
  for (const Row& row : {Row{true, "", 486}, Row{false, "wrong", 481}}) {
    c.events.clear();
    auto replaced = dialog_at(b, old, row.early_only);
    if (*row.to_tag) replaced.to_tag = row.to_tag;
    replace(b, replaced);
    EXPECT_EQ(refusal(), row.status);
  }
  // One that has just ended (603): its BYE has not been answered yet.
  c.events.clear();
  const auto ending = dialog_at(b, old);
  wire.rule = [](const Crossing& crossing) { return Treatment{crossing.answers(200, "BYE") ? 0U : 1U}; };
  ASSERT_TRUE(b.stack.end(old, {}, wire.now()));
  replace(b, ending);
  EXPECT_EQ(refusal(), 603);
  EXPECT_EQ(b.count<IncomingInvite>(), 1U);
  wire.rule = nullptr;
  finish();
  EXPECT_EQ(a.stack.dialog(session).has_value(), false);
}

SCENARIO(SipReplaces, a_refused_replacement_leaves_the_call) {  // §3
  const auto session = establish();
  b.on_event = [&](const Event& event) {
    if (const auto* invite = std::get_if<IncomingInvite>(&event))
      EXPECT_TRUE(b.stack.reject(invite->session, {488, "", {}, "", ""}, b.now()));
  };
  replace(b, dialog_at(b, incoming(b)));
  EXPECT_EQ(refusal(), 488);
  EXPECT_EQ(a.count<SessionEnded>(), 0U);
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  finish();
}

// The tags alone prove nothing: with a server, who is none of it may not take a call over.
class SipReplacesForeign : public WireScenario {};

SCENARIO(SipReplacesForeign, gets_403) {
  auto& server = wire.add("server", "10.0.0.2:5060");
  auto& stranger = wire.add("stranger", "10.0.0.3:5060");
  wire.sip_settings.server_role = false;
  auto& phone = wire.add("phone", "10.0.0.1:5060");
  static_cast<void>(
      phone.stack.add_account({.uri = "sip:7001@10.0.0.2", .server = server.hop()}, wire.now()));
  phone.on_event = [&](const Event& event) {
    if (const auto* invite = std::get_if<IncomingInvite>(&event))
      EXPECT_TRUE(phone.stack.accept(invite->session, sdp_a, {}, phone.now()));
  };
  Invite wish;
  wish.target = phone.uri("7001");
  wish.from_uri = server.uri("x");
  wish.sdp = sdp_b;
  const auto session = *server.stack.invite(wish, wire.now());
  ASSERT_TRUE(wire.run_until([&] { return phone.count<Confirmed>() == 1; })) << wire.ladder();
  const auto dialog = *phone.stack.dialog(phone.last<IncomingInvite>()->session);
  wish.replaces = ReplacedDialog{dialog.call_id, dialog.local_tag, dialog.remote_tag, false};
  wish.from_uri = stranger.uri("x");
  ASSERT_TRUE(stranger.stack.invite(wish, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return stranger.count<SessionEnded>() == 1; })) << wire.ladder();
  EXPECT_EQ(stranger.last<SessionEnded>()->status, 403);
  EXPECT_EQ(phone.count<SessionEnded>(), 0U);
  ASSERT_TRUE(server.stack.end(session, {}, wire.now()));
  wire.run_dry();
  wire.expect_nothing_left();
}

SCENARIO(SipReplaces, together_with_join_gets_400_and_join_alone_is_shown) {  // RFC 3891 §3, RFC 3911 §4
  const auto session = establish();
  const auto old = incoming(b);
  const auto dialog = dialog_at(b, old);
  const auto join = fmt::format("{};to-tag={};from-tag={}", dialog.call_id, dialog.to_tag, dialog.from_tag);
  b.on_event = nullptr;
  c.call(b, sdp_c, {{"Join", join}, {"Replaces", join}});
  EXPECT_EQ(refusal(), 400);
  const auto joining = c.call(b, sdp_c, {{"Join", join}});
  ASSERT_TRUE(wire.run_until([&] { return b.count<IncomingInvite>() == 2; }));
  EXPECT_EQ(b.last<IncomingInvite>()->join, old);
  EXPECT_FALSE(b.last<IncomingInvite>()->replaces);
  ASSERT_TRUE(c.stack.end(joining, {}, wire.now()));
  c.events.clear();
  c.call(b, sdp_c, {{"Join", join}, {"Require", "join"}});
  EXPECT_EQ(refusal(), 420);
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  finish();
}

// --- INFO

class SipInfo : public WireScenario {};

SCENARIO(SipInfo, packages) {  // RFC 6086 §4.2.2
  wire.sip_settings.info_packages = {"trick", "other"};
  wire.sip_settings.server_role = false;
  wire.sip_settings.guard.accept_from = AcceptFrom::anyone;
  auto& b = wire.add("b", "10.0.0.2:5060");
  wire.sip_settings.server_role = true;
  auto& a = wire.add("a", "10.0.0.1:5060");
  static_cast<void>(b.stack.add_account({.uri = "sip:callee@10.0.0.2"}, wire.now()));
  b.on_event = [&](const Event& event) {
    if (const auto* invite = std::get_if<IncomingInvite>(&event))
      EXPECT_TRUE(b.stack.accept(invite->session, sdp_b, {}, b.now()));
    if (const auto* request = std::get_if<IncomingRequest>(&event))
      EXPECT_TRUE(b.stack.respond(request->id, {}, b.now()));
  };
  const auto session = a.call(b, sdp_a);
  ASSERT_TRUE(wire.run_until([&] { return a.count<Accepted>() == 1; })) << wire.ladder();
  EXPECT_TRUE(a.last<Accepted>()->response->lists(HeaderId::recv_info, "other"));
  struct Row {
    const char* package;
    int status;
  };
  for (const Row& row : {Row{"", 200}, Row{"TRICK;x=y", 200}, Row{"unknown", 469}}) {
    std::vector<ExtraHeader> headers;
    if (*row.package) headers.push_back({"Info-Package", row.package});
    const auto before = a.count<RequestFinished>();
    ASSERT_TRUE(a.stack.request(session, Method::info, headers, "x", "text/plain", wire.now()));
    ASSERT_TRUE(wire.run_until([&] { return a.count<RequestFinished>() > before; }));
    EXPECT_EQ(a.last<RequestFinished>()->status, row.status) << row.package;
    ASSERT_TRUE(a.last<RequestFinished>()->response);
    if (row.status == 469)
      EXPECT_TRUE(a.last<RequestFinished>()->response->lists(HeaderId::recv_info, "trick"));
  }
  EXPECT_EQ(b.count<IncomingRequest>(), 2U);
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  wire.run_dry();
  wire.expect_nothing_left();
}

SCENARIO(SipInfo, failures_and_the_call) {  // RFC 5057 §5.1
  struct Row {
    Method method;
    int status;
    bool ends;
  };
  for (const Row& row :
       {Row{Method::info, 481, true}, Row{Method::info, 405, false}, Row{Method::info, 500, false},
        Row{Method::info, 404, true}, Row{Method::message, 481, false}, Row{Method::message, 410, true}}) {
    SCOPED_TRACE(row.status);
    Wire own;
    auto& a = own.add("a", "10.0.0.1:5060");
    auto& b = own.add("b", "10.0.0.2:5060");
    b.on_event = [&](const Event& event) {
      if (const auto* invite = std::get_if<IncomingInvite>(&event))
        EXPECT_TRUE(b.stack.accept(invite->session, sdp_b, {}, b.now()));
      if (const auto* request = std::get_if<IncomingRequest>(&event))
        EXPECT_TRUE(b.stack.respond(request->id, {row.status, "", {}, "", ""}, b.now()));
    };
    const auto session = a.call(b, sdp_a);
    ASSERT_TRUE(own.run_until([&] { return b.count<Confirmed>() == 1; }));
    ASSERT_TRUE(a.stack.request(session, row.method, {}, "x", "text/plain", own.now()));
    own.run_for(seconds(1));
    EXPECT_EQ(a.last<RequestFinished>()->status, row.status);
    ASSERT_EQ(a.count<SessionEnded>(), row.ends ? 1U : 0U);
    if (row.ends)
      EXPECT_EQ(a.last<SessionEnded>()->cause, EndCause::dialog_gone);
    else
      ASSERT_TRUE(a.stack.end(session, {}, own.now()));
    own.run_dry();
    own.expect_nothing_left();
  }
}

// --- ringing that has an end

class SipRinging : public TwoPhones {};

SCENARIO(SipRinging, provisional_response_each_minute) {  // RFC 3261 §13.3.1.1
  const auto session = a.call(b, sdp_a);
  ASSERT_TRUE(wire.run_until([&] { return b.count<IncomingInvite>() == 1; }));
  ASSERT_TRUE(b.stack.provisional(incoming(b), {}, wire.now()));
  wire.run_for(seconds(605));
  EXPECT_EQ(wire.count("SIP/2.0 180"), 11U);
  EXPECT_EQ(a.count<SessionEnded>(), 0U);  // each is progress
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  finish();
}

SCENARIO(SipRinging, a_call_without_progress_is_cancelled) {  // as timer C, §16.8
  a.call(b, sdp_a);
  ASSERT_TRUE(wire.run_until([&] { return b.count<IncomingInvite>() == 1; }));
  wire.run_for(seconds(199));
  EXPECT_EQ(a.count<SessionEnded>(), 0U);
  wire.run_for(seconds(3));
  expect_ended(a, EndCause::timeout);
  expect_ended(b, EndCause::cancelled_by_peer);
  finish();
}

SCENARIO(SipRinging, expires_of_the_invite) {  // §13.3.1
  a.call(b, sdp_a, {{"Expires", "30"}});
  ASSERT_TRUE(wire.run_until([&] { return b.count<IncomingInvite>() == 1; }));
  ASSERT_TRUE(b.stack.provisional(incoming(b), {}, wire.now()));
  wire.run_for(seconds(31));
  expect_ended(b, EndCause::timeout);
  expect_ended(a, EndCause::refused);
  EXPECT_EQ(a.last<SessionEnded>()->status, 487);
  finish();
}

SCENARIO(SipRinging, cancel_says_why_in_every_protocol) {  // RFC 3326 §2
  const auto session = a.call(b, sdp_a);
  ASSERT_TRUE(wire.run_until([&] { return b.count<IncomingInvite>() == 1; }));
  wire.run_for(milliseconds(10));
  ASSERT_TRUE(a.stack.end(
      session,
      {{"Reason", "Q.850;cause=26"}, {"X-Other", "y"}, {"Reason", "SIP;cause=200;text=\"elsewhere\""}},
      wire.now()));
  finish();
  EXPECT_EQ(wire.last("CANCEL")->message().values(HeaderId::reason).size(), 2U);
  EXPECT_EQ(b.last<SessionEnded>()->status, 200);
  EXPECT_EQ(b.last<SessionEnded>()->text, "elsewhere");
}

}  // namespace
}  // namespace sidetone::test
