// What scenarios of subscriptions have in common: two stacks, one that watches and one that is watched.
#pragma once

#include "calls.h"

namespace sidetone::test {

using sip::Substate;

// A phone that peers reach without a server.
inline sip::StackSettings open_phone() {
  sip::StackSettings settings;
  settings.guard.accept_from = sip::AcceptFrom::anyone;
  return settings;
}

class TwoStacks : public TwoPhones {
 protected:
  // The watcher is a phone: what belongs to nothing does not come up to its user.
  Node& a = wire.add("watcher", "10.0.0.5:5060", open_phone());

  sip::SessionId establish_call() {
    answer_all(b, sdp_b);
    const auto session = a.call(b, sdp_a);
    EXPECT_TRUE(wire.run_until([&] { return b.count<sip::Confirmed>() == 1; })) << wire.ladder();
    return session;
  }
  // b accepts each subscription and says its state at once.
  void serve(std::chrono::seconds expires = seconds(600), bool pending = false) {
    b.on_event = [this, expires, pending](const sip::Event& event) {
      if (const auto* subscribe = std::get_if<sip::IncomingSubscribe>(&event)) {
        const auto id = b.stack.accept_subscription(subscribe->id, expires, pending, b.now());
        ASSERT_TRUE(id) << id.error().text;
        served.push_back(*id);
        sip::Notify notify{pending ? Substate::pending : Substate::active, "first", "text/plain", "", {}, {}};
        EXPECT_TRUE(b.stack.notify(*id, notify, b.now()));
      }
      if (const auto* due = std::get_if<sip::NotifyDue>(&event))
        EXPECT_TRUE(b.stack.notify(due->id, {Substate::active, "again", "text/plain", "", {}, {}}, b.now()));
    };
  }
  sip::Subscribe watching(std::chrono::seconds expires = seconds(600)) const {
    sip::Subscribe subscribe;
    subscribe.target = b.uri("watched");
    subscribe.from_uri = a.uri("watcher");
    subscribe.event = "x-state";
    subscribe.accept = "text/plain";
    subscribe.expires = expires;
    return subscribe;
  }
  sip::SubscriptionId subscribe(sip::Subscribe wish) {
    const auto id = a.stack.subscribe(std::move(wish), wire.now());
    EXPECT_TRUE(id) << (id ? "" : id.error().text);
    return id ? *id : sip::SubscriptionId{};
  }
  std::vector<Substate> states(const Node& node) const {
    std::vector<Substate> seen;
    for (const auto* changed : node.all<sip::SubscriptionChanged>()) seen.push_back(changed->state);
    return seen;
  }
  void finish_events() {
    finish();
    for (const auto* node : {&a, &b}) {
      EXPECT_EQ(node->stack.counters().subscriptions, 0U) << node->name << "\n" << wire.ladder();
      EXPECT_EQ(node->stack.counters().publications, 0U) << node->name;
    }
  }

  std::vector<sip::SubscriptionId> served;
};

}  // namespace sidetone::test
