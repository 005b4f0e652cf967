// Subscriptions between two stacks and to scripted peers (RFC 6665).
#include "events.h"

namespace sidetone::test {
namespace {

using namespace sip;

class SipSubscription : public TwoStacks {
 protected:
  // A notifier written by hand: answers each SUBSCRIBE with `status`, keeps what it got.
  void answer_with(int status, std::vector<ExtraHeader> headers = {}) {
    wire.add_peer("10.0.0.9:5060", [this, status, headers](const Message& message, Address from) {
      if (!message.is_request()) {
        answers.push_back(message);
        return;
      }
      requests.push_back(message);
      auto response = Message::response(message, status, {}, "peer");
      response.add(HeaderId::contact, "<sip:peer@10.0.0.9>");
      for (const auto& header : headers) response.add(header.name, header.value);
      wire.inject(*Address::parse("10.0.0.9:5060", 0), from, response);
    });
  }
  Subscribe watching_peer() const {
    auto wish = watching();
    wish.target = "sip:peer@10.0.0.9";
    return wish;
  }
  // A NOTIFY that answers the first SUBSCRIBE.
  Message notification(int cseq, std::string_view state, std::string_view tag = "peer") const {
    const auto& subscribe = requests.at(0);
    auto notify = Message::request("NOTIFY", "sip:watcher@10.0.0.1");
    notify.add(HeaderId::via, fmt::format("SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKn{}{}", cseq, tag));
    notify.add(HeaderId::max_forwards, "70");
    notify.add(HeaderId::from, fmt::format("<sip:peer@10.0.0.9>;tag={}", tag));
    notify.add(HeaderId::to, subscribe.value(HeaderId::from));
    notify.add(HeaderId::call_id, subscribe.value(HeaderId::call_id));
    notify.add(HeaderId::cseq, fmt::format("{} NOTIFY", cseq));
    notify.add(HeaderId::contact, "<sip:peer@10.0.0.9>");
    notify.add(HeaderId::event, "x-state");
    if (!state.empty()) notify.add(HeaderId::subscription_state, state);
    return notify;
  }
  int send(const Message& message) {
    answers.clear();
    wire.inject(*Address::parse("10.0.0.9:5060", 0), a.address, message);
    wire.run_for(milliseconds(10));
    return answers.empty() ? 0 : answers.back().status();
  }

  std::vector<Message> requests, answers;
};

SCENARIO(SipSubscription, life_of_one) {  // §4.1.2, §4.2
  serve(seconds(600));
  const auto id = subscribe(watching());
  ASSERT_TRUE(wire.run_until([&] { return a.count<NotificationReceived>() == 1; })) << wire.ladder();
  EXPECT_EQ(a.last<NotificationReceived>()->id, id);
  EXPECT_EQ(a.last<NotificationReceived>()->body, "first");
  EXPECT_EQ(a.last<NotificationReceived>()->event, "x-state");
  EXPECT_EQ(a.last<SubscriptionChanged>()->state, Substate::active);
  EXPECT_TRUE(
      wire.last("NOTIFY")->message().value(HeaderId::subscription_state).starts_with("active;expires="));
  EXPECT_EQ(b.last<IncomingSubscribe>()->event, "x-state");
  EXPECT_EQ(b.last<IncomingSubscribe>()->expires, seconds(600));

  ASSERT_TRUE(b.stack.notify(served.at(0), {Substate::active, "news", "text/plain", "", {}, {}}, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return a.count<NotificationReceived>() == 2; }));
  EXPECT_EQ(a.last<NotificationReceived>()->body, "news");

  wire.run_for(seconds(1300));  // three refreshes at two thirds of 600 s
  EXPECT_EQ(wire.count("SUBSCRIBE"), 4U) << wire.ladder();
  EXPECT_EQ(a.last<NotificationReceived>()->body, "again");
  EXPECT_EQ(a.count<SubscriptionChanged>(), 1U);

  ASSERT_TRUE(a.stack.unsubscribe(id, wire.now()));
  EXPECT_FALSE(a.stack.unsubscribe(id, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return a.count<SubscriptionChanged>() == 2; }));
  EXPECT_EQ(a.last<SubscriptionChanged>()->state, Substate::terminated);
  EXPECT_EQ(a.last<NotificationReceived>()->body, "again");  // the last wish was heard
  wire.run_for(seconds(1));
  EXPECT_TRUE(b.last<NotifyDue>()->last);
  EXPECT_EQ(b.last<SubscriptionChanged>()->state, Substate::terminated);
  EXPECT_FALSE(b.stack.notify(served.at(0), {}, wire.now()));
  finish_events();
}

SCENARIO(SipSubscription, a_single_look) {  // §4.4.3; a subscription that is over as it begins
  serve();
  subscribe(watching(seconds(0)));
  finish_events();
  EXPECT_EQ(wire.count("SUBSCRIBE"), 1U);
  EXPECT_EQ(wire.count("NOTIFY"), 1U);
  EXPECT_EQ(wire.last("NOTIFY")->message().value(HeaderId::subscription_state), "terminated;reason=timeout");
  EXPECT_EQ(a.last<NotificationReceived>()->body, "first");
  EXPECT_EQ(states(a), std::vector{Substate::terminated});
  EXPECT_EQ(states(b), std::vector{Substate::terminated});
}

SCENARIO(SipSubscription, notifier_that_forgets_its_state) {  // §4.2.1.2: a NOTIFY must follow
  b.on_event = [this](const Event& event) {
    if (const auto* subscribe = std::get_if<IncomingSubscribe>(&event))
      EXPECT_TRUE(b.stack.accept_subscription(subscribe->id, seconds(100), false, b.now()));
  };
  subscribe(watching());
  ASSERT_TRUE(wire.run_until([&] { return a.count<NotificationReceived>() == 1; }));
  EXPECT_TRUE(a.last<NotificationReceived>()->body.empty());
  EXPECT_EQ(a.last<SubscriptionChanged>()->state, Substate::active);
  ASSERT_TRUE(a.stack.unsubscribe(a.last<NotificationReceived>()->id, wire.now()));
  finish_events();
}

SCENARIO(SipSubscription, pending_then_rejected) {  // §4.1.3
  serve(seconds(600), true);
  auto wish = watching();
  wish.retry = seconds(30);  // "rejected" forbids it
  subscribe(wish);
  ASSERT_TRUE(wire.run_until([&] { return a.count<SubscriptionChanged>() == 1; }));
  EXPECT_EQ(a.last<SubscriptionChanged>()->state, Substate::pending);
  ASSERT_TRUE(b.stack.notify(served.at(0), {Substate::terminated, "", "", "rejected", {}, {}}, wire.now()));
  finish_events();
  EXPECT_EQ(a.last<SubscriptionChanged>()->reason, "rejected");
  EXPECT_FALSE(a.last<SubscriptionChanged>()->retry_in);
}

SCENARIO(SipSubscription, ends_by_the_notifier_and_what_follows) {  // §4.1.3
  struct Row {
    std::string_view state;
    std::optional<Duration> retry_in;
    std::string_view why;
  };
  for (const auto& row : std::vector<Row>{
           {"terminated;reason=deactivated", seconds(0), "at once, after it has lived"},
           {"terminated;reason=timeout", seconds(0), "at once, after it has lived"},
           {"terminated;reason=probation;retry-after=77", seconds(77), "as told"},
           {"terminated;reason=probation", seconds(30), "as the user set it"},
           {"terminated;reason=giveup;retry-after=5", seconds(5), "as told"},
           {"terminated;reason=giveup;retry-after=4294967295", std::chrono::hours(24), "bounded"},
           {"terminated;reason=somethingnew", seconds(30), "as the user set it"},
           {"terminated", seconds(30), "as the user set it"},
           {"terminated;reason=noresource", {}, "never"},
           {"terminated;reason=rejected;retry-after=5", {}, "never"},
           {"terminated;reason=invariant", {}, "never"},
       }) {
    SCOPED_TRACE(fmt::format("{}: {}", row.state, row.why));
    requests.clear();
    answer_with(200, {{"Expires", "600"}});
    auto wish = watching_peer();
    wish.retry = seconds(30);
    const auto id = subscribe(wish);
    wire.run_for(milliseconds(10));
    ASSERT_EQ(send(notification(1, "active;expires=600")), 200);
    wire.run_for(seconds(40));
    a.events.clear();
    const auto before = requests.size();
    ASSERT_EQ(send(notification(2, row.state)), 200);
    ASSERT_EQ(a.count<SubscriptionChanged>(), 1U);
    EXPECT_EQ(a.last<SubscriptionChanged>()->retry_in, row.retry_in);
    if (!row.retry_in) {
      EXPECT_EQ(a.stack.counters().subscriptions, 0U);
      continue;
    }
    wire.run_for(*row.retry_in + milliseconds(10));
    EXPECT_EQ(requests.size(), before + 1);
    EXPECT_NE(requests.at(requests.size() - 1).value(HeaderId::call_id),
              requests.at(0).value(HeaderId::call_id));
    ASSERT_TRUE(a.stack.unsubscribe(id, wire.now()));
    wire.run_for(seconds(40));  // timer N
    EXPECT_EQ(a.stack.counters().subscriptions, 0U);
  }
  finish_events();
}

SCENARIO(SipSubscription, notify_before_the_2xx) {  // §4.4.1
  wire.rule = [](const Crossing& crossing) -> Treatment {
    return {1, crossing.answers(200, "SUBSCRIBE") ? milliseconds(400) : milliseconds(1)};
  };
  serve();
  const auto id = subscribe(watching());
  ASSERT_TRUE(wire.run_until([&] { return a.count<NotificationReceived>() == 1; })) << wire.ladder();
  EXPECT_LT(wire.now().time_since_epoch(), milliseconds(100));
  wire.run_for(seconds(2));
  ASSERT_TRUE(a.stack.unsubscribe(id, wire.now()));
  finish_events();
  EXPECT_EQ(states(a), (std::vector{Substate::active, Substate::terminated}));
  EXPECT_EQ(wire.count([](const auto& c) { return c.answers(481, "NOTIFY"); }), 0U);
}

SCENARIO(SipSubscription, no_notify_comes) {  // §4.1.2.4: timer N
  answer_with(200, {{"Expires", "600"}});
  subscribe(watching_peer());
  wire.run_for(seconds(31));
  EXPECT_EQ(a.count<SubscriptionChanged>(), 0U);
  wire.run_for(seconds(2));
  ASSERT_EQ(a.count<SubscriptionChanged>(), 1U);
  EXPECT_EQ(a.last<SubscriptionChanged>()->state, Substate::terminated);
  EXPECT_EQ(send(notification(1, "active;expires=600")), 481);  // §4.1.3
  finish_events();
}

SCENARIO(SipSubscription, answers_that_refuse) {
  struct Row {
    int status;
    std::vector<ExtraHeader> headers;
    std::optional<Duration> retry_in;
    std::string_view section;
  };
  for (const auto& row : std::vector<Row>{
           {489, {}, {}, "§4.1.2.1: the package is not spoken there"},
           {405, {}, {}, "the method is not"},
           {603, {}, {}, "RFC 3261 §21.6.2"},
           {403, {}, seconds(30), "as the user set it"},
           {481, {}, seconds(30), "not in a loop"},
           {503, {{"Retry-After", "120"}}, seconds(120), "RFC 3261 §20.33"},
       }) {
    SCOPED_TRACE(fmt::format("{} {}", row.status, row.section));
    answer_with(row.status, row.headers);
    wire.settle(a);
    a.events.clear();
    auto wish = watching_peer();
    wish.retry = seconds(30);
    const auto id = subscribe(wish);
    wire.run_for(milliseconds(50));
    ASSERT_EQ(a.count<SubscriptionChanged>(), 1U);
    EXPECT_EQ(a.last<SubscriptionChanged>()->status, row.status);
    EXPECT_EQ(a.last<SubscriptionChanged>()->retry_in, row.retry_in);
    EXPECT_EQ(a.stack.unsubscribe(id, wire.now()).has_value(), row.retry_in.has_value());
  }
  finish_events();
}

SCENARIO(SipSubscription, too_brief) {  // §4.1.2.1, §4.2.1.1: 423 with Min-Expires
  serve();
  const auto id = subscribe(watching(seconds(10)));
  ASSERT_TRUE(wire.run_until([&] { return a.count<NotificationReceived>() == 1; })) << wire.ladder();
  EXPECT_EQ(wire.count([](const auto& c) { return c.answers(423, "SUBSCRIBE"); }), 1U);
  EXPECT_EQ(b.count<IncomingSubscribe>(), 1U);
  EXPECT_EQ(b.last<IncomingSubscribe>()->expires, seconds(60));
  ASSERT_TRUE(a.stack.unsubscribe(id, wire.now()));
  finish_events();
}

SCENARIO(SipSubscription, minimum_that_never_suffices) {
  answer_with(423, {{"Min-Expires", "4000000"}});
  subscribe(watching_peer());
  finish_events();
  EXPECT_LE(requests.size(), 3U);
  EXPECT_EQ(a.last<SubscriptionChanged>()->status, 423);
}

SCENARIO(SipSubscription, refresh_to_a_notifier_that_has_forgotten) {  // §4.1.2.2
  answer_with(200, {{"Expires", "100"}});
  auto wish = watching_peer();
  wish.expires = seconds(100);
  wish.retry = seconds(30);
  subscribe(wish);
  wire.run_for(milliseconds(10));
  ASSERT_EQ(send(notification(1, "active;expires=100")), 200);
  answer_with(481);
  wire.run_for(seconds(67));
  ASSERT_EQ(a.count<SubscriptionChanged>(), 3U) << wire.ladder();  // active, 481, and the new one's 481
  EXPECT_EQ(a.all<SubscriptionChanged>().at(1)->retry_in, Duration(0));
  EXPECT_EQ(a.last<SubscriptionChanged>()->retry_in, seconds(30));
  ASSERT_TRUE(a.stack.unsubscribe(a.last<SubscriptionChanged>()->id, wire.now()));
  finish_events();
}

SCENARIO(SipSubscription, refresh_that_fails_leaves_it_valid_until_it_expires) {  // §4.1.2.2
  answer_with(200, {{"Expires", "600"}});
  subscribe(watching_peer());
  wire.run_for(milliseconds(10));
  ASSERT_EQ(send(notification(1, "active;expires=600")), 200);
  answer_with(500);
  wire.run_for(seconds(590));
  EXPECT_GE(requests.size(), 3U);
  EXPECT_EQ(a.count<SubscriptionChanged>(), 1U);
  EXPECT_EQ(send(notification(2, "active;expires=20")), 200);
  wire.run_for(seconds(25));
  EXPECT_EQ(a.last<SubscriptionChanged>()->state, Substate::terminated);
  EXPECT_EQ(a.last<SubscriptionChanged>()->reason, "timeout");
  finish_events();
}

SCENARIO(SipSubscription, notifications_that_are_refused) {
  answer_with(200, {{"Expires", "600"}});
  subscribe(watching_peer());
  wire.run_for(milliseconds(10));
  ASSERT_EQ(send(notification(10, "active;expires=600")), 200);
  EXPECT_EQ(send(notification(9, "active;expires=600")), 500);  // RFC 3261 §12.2.2: older
  EXPECT_EQ(send(notification(11, "")), 400);                   // §4.2.2
  EXPECT_EQ(send(notification(12, "active", "other")), 481);    // §4.1.4: another notifier, none is wanted
  auto other_event = notification(13, "active");
  other_event.set(HeaderId::event, "x-state;id=5");
  EXPECT_EQ(send(other_event), 481);  // §8.2.1: ids are part of the name; server role, no such dialog usage
  EXPECT_EQ(a.count<NotificationReceived>(), 1U);
  EXPECT_EQ(send(notification(20, "terminated;reason=noresource")), 200);
  EXPECT_EQ(send(notification(21, "active")), 481);
  finish_events();
}

SCENARIO(SipSubscription, fork_makes_several_up_to_a_bound) {  // §4.1.4
  answer_with(200, {{"Expires", "600"}});
  auto wish = watching_peer();
  wish.forks_max = 2;
  const auto first = subscribe(wish);
  wire.run_for(milliseconds(10));
  ASSERT_EQ(send(notification(1, "active;expires=600", "one")), 200);
  ASSERT_EQ(send(notification(1, "pending;expires=600", "two")), 200);
  EXPECT_EQ(send(notification(1, "active;expires=600", "three")), 481);
  ASSERT_EQ(a.count<SubscriptionChanged>(), 2U);
  const auto fork = *a.last<SubscriptionChanged>();
  EXPECT_EQ(fork.forked_from, first);
  EXPECT_NE(fork.id, first);
  EXPECT_EQ(fork.state, Substate::pending);
  EXPECT_EQ(a.stack.counters().subscriptions, 2U);
  wire.run_for(seconds(33));  // after timer N nobody joins
  EXPECT_EQ(a.stack.counters().dialogs, 2U);
  EXPECT_EQ(send(notification(2, "terminated", "one")), 200);
  EXPECT_EQ(send(notification(2, "terminated", "two")), 200);
  finish_events();
}

SCENARIO(SipSubscription, subscriber_that_is_gone) {  // §4.2.2
  serve();
  subscribe(watching());
  ASSERT_TRUE(wire.run_until([&] { return a.count<NotificationReceived>() == 1; }));
  wire.rule = [&](const Crossing& crossing) -> Treatment { return {crossing.to == a.address ? 0U : 1U}; };
  ASSERT_TRUE(b.stack.notify(served.at(0), {Substate::active, "x", "text/plain", "", {}, {}}, wire.now()));
  wire.run_for(seconds(40));
  EXPECT_EQ(b.last<SubscriptionChanged>()->state, Substate::terminated);
  EXPECT_EQ(b.last<SubscriptionChanged>()->status, 408);
  EXPECT_EQ(b.stack.counters().subscriptions, 0U);
  finish_events();  // and the subscriber's refreshes fail until it expires
}

SCENARIO(SipSubscription, notifier_lets_it_expire) {  // §4.2.1.4
  serve(seconds(100));
  subscribe(watching());
  ASSERT_TRUE(wire.run_until([&] { return a.count<NotificationReceived>() == 1; }));
  wire.rule = [&](const Crossing& crossing) -> Treatment { return {crossing.is("SUBSCRIBE") ? 0U : 1U}; };
  wire.run_for(seconds(110));
  EXPECT_EQ(a.last<SubscriptionChanged>()->reason, "timeout");
  EXPECT_EQ(b.last<SubscriptionChanged>()->reason, "timeout");
  finish_events();
}

SCENARIO(SipSubscription, more_states_than_the_subscriber_can_take) {
  serve();
  const auto id = subscribe(watching());
  ASSERT_TRUE(wire.run_until([&] { return a.count<NotificationReceived>() == 1; }));
  int taken = 0;
  for (int i = 0; i < 40; ++i)
    if (b.stack.notify(served.at(0), {Substate::active, std::to_string(i), "text/plain", "", {}, {}},
                       wire.now()))
      ++taken;
  EXPECT_EQ(taken, 16);  // behind the first one, which is on its way
  wire.run_for(seconds(5));
  EXPECT_EQ(a.count<NotificationReceived>(), 17U);
  EXPECT_EQ(a.last<NotificationReceived>()->body, "15");
  ASSERT_TRUE(a.stack.unsubscribe(id, wire.now()));
  finish_events();
}

SCENARIO(SipSubscription, bounds) {
  auto settings = open_phone();
  settings.subscriptions_max = 4;
  settings.subscriptions_per_account_max = 2;
  settings.event_packages = {"x-state"};
  auto& small = wire.add("small", "10.0.0.3:5060", settings);
  Account account;
  account.uri = "sip:small@10.0.0.3";
  account.server = b.hop();
  const auto first = small.stack.add_account(account, wire.now());
  const auto second = small.stack.add_account(account, wire.now());
  const auto third = small.stack.add_account(account, wire.now());
  serve();
  const auto try_one = [&](AccountId owner) {
    auto wish = watching();
    wish.from_uri.clear();
    wish.account = owner;
    return small.stack.subscribe(wish, wire.now());
  };
  EXPECT_TRUE(try_one(first));
  EXPECT_TRUE(try_one(first));
  const auto too_many = try_one(first);
  ASSERT_FALSE(too_many);
  EXPECT_EQ(too_many.error().fault, Fault::limit);
  EXPECT_TRUE(try_one(second));
  EXPECT_TRUE(try_one(second));
  EXPECT_FALSE(try_one(third));
  wire.run_for(seconds(1));
  // A peer's subscription finds no room either.
  auto wish = watching();
  wish.target = small.uri("small");
  subscribe(wish);
  wire.run_for(seconds(1));
  EXPECT_EQ(a.last<SubscriptionChanged>()->status, 503);
  // An account that goes takes its subscriptions along.
  small.stack.remove_account(first, wire.now());
  small.stack.remove_account(second, wire.now());
  small.stack.remove_account(third, wire.now());
  wire.run_for(seconds(1));
  EXPECT_EQ(small.stack.counters().subscriptions, 0U) << wire.ladder();
  finish_events();
}

SCENARIO(SipSubscription, in_the_dialog_of_a_call_and_after_it) {  // RFC 5057 §3
  const auto session = establish_call();
  serve();
  auto wish = watching();
  wish.target.clear();
  wish.session = session;
  const auto id = subscribe(wish);
  ASSERT_TRUE(wire.run_until([&] { return a.count<NotificationReceived>() == 1; })) << wire.ladder();
  EXPECT_EQ(a.last<NotificationReceived>()->session, session);
  EXPECT_EQ(b.last<IncomingSubscribe>()->session, incoming(b));
  EXPECT_EQ(a.stack.counters().dialogs, 1U);
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return a.count<SessionEnded>() == 1; }));
  EXPECT_EQ(a.stack.counters().dialogs, 1U);
  EXPECT_EQ(a.stack.counters().sessions, 0U);
  ASSERT_TRUE(b.stack.notify(served.at(0), {Substate::active, "late", "text/plain", "", {}, {}}, wire.now()));
  ASSERT_TRUE(wire.run_until([&] { return a.count<NotificationReceived>() == 2; })) << wire.ladder();
  EXPECT_FALSE(a.last<NotificationReceived>()->session);
  ASSERT_TRUE(a.stack.unsubscribe(id, wire.now()));
  finish_events();
}

SCENARIO(SipSubscription, packages_that_nobody_serves) {  // §4.2.1, §7.2
  auto settings = open_phone();
  settings.event_packages = {"presence"};
  settings.unsolicited_packages = {"talk"};
  auto& phone = wire.add("phone", "10.0.0.3:5060", settings);
  phone.stack.add_account({.uri = "sip:7001@10.0.0.3"}, wire.now());
  auto wish = watching();
  wish.target = phone.uri("7001");
  subscribe(wish);
  wire.run_for(seconds(1));
  EXPECT_EQ(a.last<SubscriptionChanged>()->status, 489);
  const auto refused = wire.last("SIP/2.0 489")->message();
  EXPECT_TRUE(refused.lists(HeaderId::allow_events, "presence"));
  EXPECT_TRUE(refused.lists(HeaderId::allow_events, "talk"));
  EXPECT_EQ(phone.count<IncomingSubscribe>(), 0U);
  finish_events();
}

// NOTIFY without a subscription: third-party control within a call, message waiting and reload outside.
SCENARIO(SipSubscription, unsolicited_notifications) {
  auto settings = open_phone();
  auto& phone = wire.add("phone", "10.0.0.3:5060", settings);
  phone.stack.add_account({.uri = "sip:7001@10.0.0.3"}, wire.now());
  phone.on_event = [&](const Event& event) {
    if (const auto* request = std::get_if<IncomingRequest>(&event))
      EXPECT_TRUE(phone.stack.respond(request->id, {}, phone.now()));
    if (const auto* invite = std::get_if<IncomingInvite>(&event))
      EXPECT_TRUE(phone.stack.provisional(invite->session, {}, phone.now()));
  };
  const auto session = a.call(phone, sdp_a);
  wire.run_for(milliseconds(10));
  struct Row {
    bool in_call;
    std::string_view event;
    int status;
    std::string_view section;
  };
  for (const auto& row : std::vector<Row>{
           {true, "talk", 200, "early dialog: answers the call"},
           {true, "hold", 200, ""},
           {true, "dtmf", 200, ""},
           {true, "refer", 481, "RFC 6665 §4.1.3: spoken, but no such subscription"},
           {true, "beep", 489, "RFC 6665 §4.1.3"},
           {true, "", 489, "RFC 6665 §4.1.3"},
           {false, "message-summary", 200, "RFC 3842"},
           {false, "check-sync;reboot=false", 200, ""},
           {false, "presence", 489, "RFC 6665 §4.1.3"},
       }) {
    SCOPED_TRACE(fmt::format("{} {} {}", row.in_call ? "in a call" : "outside", row.event, row.section));
    const auto before = phone.count<IncomingRequest>();
    std::vector<ExtraHeader> headers{{"Subscription-State", "active"}};
    if (!row.event.empty()) headers.push_back({"Event", std::string(row.event)});
    if (row.in_call) {
      ASSERT_TRUE(a.stack.request(session, Method::notify, headers, "", "", wire.now()));
    } else {
      OutgoingRequest notify;
      notify.method = Method::notify;
      notify.target = phone.uri("7001");
      notify.from_uri = a.uri("server");
      notify.headers = headers;
      ASSERT_TRUE(a.stack.request(notify, wire.now()));
    }
    wire.run_for(milliseconds(100));
    EXPECT_EQ(a.last<RequestFinished>()->status, row.status);
    EXPECT_EQ(phone.count<IncomingRequest>(), before + (row.status == 200 ? 1 : 0));
    if (row.status == 200)
      EXPECT_EQ(phone.last<IncomingRequest>()->session, row.in_call ? incoming(phone) : SessionId{});
    if (const auto response = a.last<RequestFinished>()->response; response && row.status == 489)
      EXPECT_TRUE(response->lists(HeaderId::allow_events, "talk"));
  }
  ASSERT_TRUE(a.stack.end(session, {}, wire.now()));
  finish_events();
}

}  // namespace
}  // namespace sidetone::test
