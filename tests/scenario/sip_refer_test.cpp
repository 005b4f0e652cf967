// REFER and what its sender learns (RFC 3515, RFC 3420, RFC 3892, RFC 4488, RFC 4538).
#include "events.h"

namespace sidetone::test {
namespace {

using namespace sip;

class SipRefer : public TwoStacks {
 protected:
  Refer transfer(SessionId session) const {
    Refer refer;
    refer.session = session;
    refer.refer_to = "sip:target@10.0.0.8";
    refer.referred_by = "sip:agent@10.0.0.5";
    return refer;
  }
  // b takes each REFER.
  void take_refers() {
    b.on_event = [this](const Event& event) {
      const auto* refer = std::get_if<IncomingRefer>(&event);
      if (!refer) return;
      const auto id = b.stack.accept_refer(refer->id, b.now());
      ASSERT_TRUE(id) << id.error().text;
      served.push_back(*id);
    };
  }
  std::vector<int> progress(SubscriptionId id) const {
    std::vector<int> seen;
    for (const auto* event : a.all<ReferProgress>())
      if (event->id == id) seen.push_back(event->finished ? -event->status : event->status);
    return seen;
  }
  int last_progress(SubscriptionId id) const {
    const auto seen = progress(id);
    return seen.empty() ? 0 : seen.back();
  }
  SubscriptionId refer(Refer wish) {
    const auto id = a.stack.refer(std::move(wish), wire.now());
    EXPECT_TRUE(id) << (id ? "" : id.error().text);
    return id ? *id : SubscriptionId{};
  }
};

SCENARIO(SipRefer, in_a_call) {
  const auto session = establish_call();
  take_refers();
  auto wish = transfer(session);
  wish.refer_to =
      "sip:target@10.0.0.8?Replaces=c%401%3Bto-tag%3Dx%3Bfrom-tag%3Dy&X-Case=7&Route=%3Csip:evil%3E";
  const auto id = refer(wish);
  ASSERT_TRUE(wire.run_until([&] { return progress(id).size() == 2; })) << wire.ladder();
  EXPECT_EQ(progress(id), (std::vector{202, 100}));  // §2.4.4: a NOTIFY at once
  const auto& incoming_refer = *b.last<IncomingRefer>();
  EXPECT_EQ(incoming_refer.session, incoming(b));
  EXPECT_TRUE(incoming_refer.in_dialog);
  EXPECT_TRUE(incoming_refer.wants_notifications);
  EXPECT_EQ(incoming_refer.refer_to.uri, "sip:target@10.0.0.8");
  EXPECT_EQ(incoming_refer.refer_to.replaces, "c@1;to-tag=x;from-tag=y");
  ASSERT_EQ(incoming_refer.refer_to.headers.size(), 1U);
  EXPECT_EQ(incoming_refer.refer_to.headers.at(0).value, "7");
  EXPECT_TRUE(incoming_refer.refer_to.headers_ignored);
  EXPECT_EQ(incoming_refer.referred_by, "<sip:agent@10.0.0.5>");
  ASSERT_TRUE(b.stack.notify_refer(served.at(0), 180, "", wire.now()));
  ASSERT_TRUE(b.stack.notify_refer(served.at(0), 200, "Fine", wire.now()));
  EXPECT_FALSE(b.stack.notify_refer(served.at(0), 200, "", wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return a.last<ReferProgress>()->finished; }));
  EXPECT_EQ(progress(id), (std::vector{202, 100, 180, -200}));
  EXPECT_EQ(a.last<ReferProgress>()->reason, "Fine");
  EXPECT_EQ(a.last<ReferProgress>()->session, session);
  const auto last = wire.last("NOTIFY")->message();
  EXPECT_EQ(last.value(HeaderId::subscription_state), "terminated;reason=noresource");  // §2.4.7
  EXPECT_EQ(last.value(HeaderId::event), "refer");
  EXPECT_EQ(last.value(HeaderId::content_type), "message/sipfrag;version=2.0");
  EXPECT_EQ(last.body(), "SIP/2.0 200 Fine\r\n");
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  finish_events();
}

SCENARIO(SipRefer, several_in_one_call_are_told_apart) {  // §2.4.6
  const auto session = establish_call();
  take_refers();
  const auto first = refer(transfer(session));
  const auto second = refer(transfer(session));
  ASSERT_TRUE(wire.run_until([&] { return progress(first).size() == 2 && progress(second).size() == 2; }))
      << wire.ladder();
  ASSERT_TRUE(b.stack.notify_refer(served.at(1), 486, "", wire.now()));
  ASSERT_TRUE(b.stack.notify_refer(served.at(0), 200, "", wire.now()));
  wire.run_for(seconds(1));
  EXPECT_EQ(last_progress(first), -200);
  EXPECT_EQ(last_progress(second), -486);
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  finish_events();
}

SCENARIO(SipRefer, the_call_ends_before_the_last_notify) {  // RFC 5057 §3: the dialog lives on
  const auto session = establish_call();
  take_refers();
  const auto id = refer(transfer(session));
  ASSERT_TRUE(wire.run_until([&] { return progress(id).size() == 2; }));
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return b.count<SessionEnded>() == 1; }));
  ASSERT_TRUE(b.stack.notify_refer(served.at(0), 200, "", wire.now()));
  finish_events();
  EXPECT_EQ(last_progress(id), -200);
  EXPECT_EQ(wire.count([](const auto& c) { return c.answers(481, "NOTIFY"); }), 0U);
}

SCENARIO(SipRefer, refused) {
  const auto session = establish_call();
  b.on_event = [this](const Event& event) {
    if (const auto* refer = std::get_if<IncomingRefer>(&event))
      EXPECT_TRUE(b.stack.respond(refer->id, {.status = 603}, b.now()));
  };
  const auto id = refer(transfer(session));
  wire.run_for(seconds(1));
  EXPECT_EQ(progress(id), std::vector{-603});
  EXPECT_TRUE(a.last<ReferProgress>()->refused);
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  finish_events();
}

SCENARIO(SipRefer, without_notifications) {  // RFC 4488 §4
  const auto session = establish_call();
  take_refers();
  auto wish = transfer(session);
  wish.notifications = false;
  const auto id = refer(wish);
  wire.run_for(seconds(1));
  EXPECT_EQ(progress(id), std::vector{-202});
  EXPECT_FALSE(a.last<ReferProgress>()->refused);
  EXPECT_FALSE(b.last<IncomingRefer>()->wants_notifications);
  EXPECT_FALSE(served.at(0));
  EXPECT_EQ(wire.count("NOTIFY"), 0U);
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  finish_events();
}

SCENARIO(SipRefer, outside_of_a_call) {  // §2.4.1; Target-Dialog: RFC 4538 §4
  const auto session = establish_call();
  take_refers();
  auto wish = transfer({});
  wish.target = b.uri("phone");
  wish.from_uri = a.uri("server");
  wish.target_dialog = session;
  const auto id = refer(wish);
  ASSERT_TRUE(wire.run_until([&] { return progress(id).size() == 2; })) << wire.ladder();
  EXPECT_FALSE(b.last<IncomingRefer>()->in_dialog);
  EXPECT_EQ(b.last<IncomingRefer>()->session, incoming(b));
  EXPECT_EQ(wire.last("REFER")->message().value(HeaderId::require), "tdialog");
  EXPECT_EQ(a.stack.counters().dialogs, 2U);
  ASSERT_TRUE(b.stack.notify_refer(served.at(0), 404, "", wire.now()));
  wire.run_for(seconds(1));
  EXPECT_EQ(last_progress(id), -404);
  EXPECT_EQ(a.stack.counters().dialogs, 1U);
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  finish_events();
}

SCENARIO(SipRefer, target_that_never_answers) {  // the subscription expires, and nobody waits for ever
  const auto session = establish_call();
  take_refers();
  const auto id = refer(transfer(session));
  wire.run_for(seconds(1));
  ASSERT_TRUE(a.stack.unsubscribe(id, wire.now()));
  wire.run_for(seconds(1));
  EXPECT_EQ(progress(id), (std::vector{202, 100, -100}));  // open what became of it
  EXPECT_EQ(b.last<SubscriptionChanged>()->state, Substate::terminated);
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  finish_events();
}

SCENARIO(SipRefer, commands_that_make_no_sense) {
  const auto session = establish_call();
  auto wish = transfer(session);
  wish.refer_to = "not a uri";
  EXPECT_EQ(a.stack.refer(wish, wire.now()).error().fault, Fault::syntax);
  wish = transfer(SessionId{77});
  EXPECT_EQ(a.stack.refer(wish, wire.now()).error().fault, Fault::not_found);
  EXPECT_EQ(b.stack.accept_refer({}, wire.now()).error().fault, Fault::not_found);
  EXPECT_EQ(b.stack.notify_refer({}, 200, "", wire.now()).error().fault, Fault::not_found);
  for (int i = 0; i < 16; ++i) EXPECT_TRUE(a.stack.refer(transfer(session), wire.now())) << i;
  EXPECT_EQ(a.stack.refer(transfer(session), wire.now()).error().fault, Fault::limit);
  wire.run_for(seconds(40));  // nobody answers: 500
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  finish_events();
}

}  // namespace
}  // namespace sidetone::test
