// Subscriptions, transfers, publications and calls begun, refreshed, answered, ignored and ended in all
// orders by two random users over a network that loses, doubles and delays (the lifetime faults of
// CVE-2026-28799's class). Whatever happened: when the users have let go, nothing is left, and each id had
// one last event.
#include <algorithm>

#include "events.h"

namespace sidetone::test {
namespace {

using namespace sip;

class RandomUser {
 public:
  RandomUser(Node& node, const Node& peer, std::uint64_t seed) : node_(node), peer_(peer), random_(seed) {
    node_.on_event = [this](const Event& event) {
      std::visit([this](const auto& what) { on(what); }, event);
    };
  }
  void act() {
    switch (random_.below(12)) {
      case 0: return subscribe({});
      case 1: return subscribe(pick(sessions_));
      case 2: return drop(node_.stack.unsubscribe(pick(watched_), now()));
      case 3:
      case 4: return notify(pick(served_));
      case 5: return refer(pick(sessions_));
      case 6: return refer({});
      case 7:
        return drop(node_.stack.notify_refer(pick(served_), random_.chance(0.5) ? 180 : 200, "", now()));
      case 8: return call();
      case 9: return drop(node_.stack.end(pick(sessions_), {}, now()));
      case 10: return publish();
      default:
        drop(node_.stack.unpublish(pick(published_), now()));
        return drop(node_.stack.republish(pick(published_), "<x/>", "", now()));
    }
  }
  void let_go() {
    acts_ = false;
    for (const auto id : sessions_) drop(node_.stack.end(id, {}, now()));
    for (const auto id : watched_) drop(node_.stack.unsubscribe(id, now()));
    for (const auto id : served_) drop(node_.stack.notify(id, {.state = Substate::terminated}, now()));
    for (const auto id : published_) drop(node_.stack.unpublish(id, now()));
  }
  std::string complaints;

 private:
  template <typename T>
  static void drop(const Expected<T>&) {}
  [[nodiscard]] Time now() const { return node_.now(); }
  template <typename Id>
  Id pick(const std::vector<Id>& ids) {
    return ids.empty() ? Id{} : ids[random_.below(ids.size())];
  }

  void subscribe(SessionId session) {
    Subscribe wish;
    wish.session = session;
    wish.target = peer_.uri("x");
    wish.from_uri = node_.uri("y");
    wish.event = random_.chance(0.8) ? "x-state" : "x-other";
    wish.expires = seconds(random_.chance(0.2) ? 0 : 30 + random_.below(120));
    wish.forks_max = 1 + random_.below(2);
    if (random_.chance(0.3)) wish.retry = seconds(20);
    if (const auto id = node_.stack.subscribe(wish, now())) watched_.push_back(*id);
  }
  void refer(SessionId session) {
    Refer wish;
    wish.session = session;
    wish.target = peer_.uri("x");
    wish.from_uri = node_.uri("y");
    wish.refer_to = "sip:z@10.0.0.3";
    wish.notifications = random_.chance(0.8);
    if (const auto id = node_.stack.refer(wish, now())) watched_.push_back(*id);
  }
  void notify(SubscriptionId id) {
    constexpr std::array states{Substate::pending, Substate::active, Substate::active, Substate::terminated};
    drop(node_.stack.notify(id, {states[random_.below(4)], "s", "text/plain", "noresource", {}, {}}, now()));
  }
  void call() {
    if (sessions_.size() < 8) sessions_.push_back(node_.call(peer_, sdp_a));
  }
  void publish() {
    Publish wish;
    wish.target = peer_.uri("x");
    wish.from_uri = node_.uri("y");
    wish.event = "x-state";
    wish.body = "<y/>";
    wish.content_type = "text/xml";
    wish.retry = seconds(random_.below(30));
    if (const auto id = node_.stack.publish(wish, now())) published_.push_back(*id);
  }

  template <typename T>
  void on(const T&) {}
  void on(const IncomingInvite& event) {
    sessions_.push_back(event.session);
    if (random_.chance(0.9)) drop(node_.stack.accept(event.session, sdp_b, {}, now()));
  }
  void on(const SessionEnded& event) { std::erase(sessions_, event.session); }
  void on(const IncomingSubscribe& event) {
    if (random_.chance(0.1)) return;  // forgotten
    if (random_.chance(0.1)) return drop(node_.stack.respond(event.id, {.status = 403}, now()));
    const auto id = node_.stack.accept_subscription(event.id, seconds(60 + random_.below(100)),
                                                    random_.chance(0.3), now());
    if (!id) return drop(node_.stack.respond(event.id, {.status = 480}, now()));
    served_.push_back(*id);
    if (random_.chance(0.8)) notify(*id);
    if (!acts_) drop(node_.stack.notify(*id, {.state = Substate::terminated}, now()));
  }
  void on(const NotifyDue& event) {
    if (random_.chance(0.7)) notify(event.id);
  }
  void on(const IncomingRefer& event) {
    if (random_.chance(0.1)) return;
    if (random_.chance(0.2)) return drop(node_.stack.respond(event.id, {.status = 603}, now()));
    const auto id = node_.stack.accept_refer(event.id, now());
    if (!id) return drop(node_.stack.respond(event.id, {.status = 480}, now()));
    if (!*id) return;
    served_.push_back(*id);
    if (random_.chance(0.3) || !acts_) drop(node_.stack.notify_refer(*id, 200, "", now()));
  }
  void on(const SubscriptionChanged& event) {
    if (event.forked_from && !ended_.contains(event.id.value)) watched_.push_back(event.id);
    last_event(event.id, event.state == Substate::terminated && !event.retry_in);
    if (!acts_ && event.retry_in) drop(node_.stack.unsubscribe(event.id, now()));
  }
  void on(const NotificationReceived& event) { last_event(event.id, false); }
  void on(const ReferProgress& event) { last_event(event.id, event.finished); }
  void last_event(SubscriptionId id, bool last) {
    if (ended_.contains(id.value))
      complaints += fmt::format("{}: {} spoke after its end\n", node_.name, id.value);
    if (last) ended_.insert(id.value);
  }

  Node& node_;
  const Node& peer_;
  SeededRandom random_;
  bool acts_ = true;
  std::vector<SessionId> sessions_;
  std::vector<SubscriptionId> watched_, served_;
  std::vector<PublicationId> published_;
  std::set<std::uint64_t> ended_;

 public:
  [[nodiscard]] bool all_ended() const {
    return std::all_of(watched_.begin(), watched_.end(), [&](auto id) { return ended_.contains(id.value); });
  }
  [[nodiscard]] std::size_t begun() const { return watched_.size() + served_.size(); }
};

class EventStorm : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(EventStorm, leaves_nothing_behind) {
  constexpr std::uint64_t seeds = 100;
  std::size_t begun = 0;
  for (std::uint64_t seed = GetParam() * seeds + 1; seed <= (GetParam() + 1) * seeds; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Wire wire;
    auto settings = open_phone();
    settings.event_packages = {"x-state", "x-other"};
    settings.subscription_expires_min = seconds(40);
    settings.subscriptions_max = 40;
    auto& a = wire.add("a", "10.0.0.1:5060", settings);
    auto& b = wire.add("b", "10.0.0.2:5060", settings);
    for (auto* node : {&a, &b}) node->stack.add_account({.uri = node->uri("y")}, wire.now());
    RandomUser user_a(a, b, seed * 2), user_b(b, a, seed * 2 + 1);
    SeededRandom network(seed);
    wire.rule = [&](const Crossing&) -> Treatment {
      const auto luck = network.unit();
      return {luck < 0.1    ? 0U
              : luck < 0.15 ? 2U
                            : 1U,
              milliseconds(1 + network.below(network.chance(0.1) ? 3000 : 50))};
    };
    for (int step = 0; step < 60; ++step) {
      user_a.act();
      user_b.act();
      wire.run_for(milliseconds(network.below(network.chance(0.1) ? 60000 : 3000)));
    }
    wire.rule = nullptr;
    for (int i = 0; i < 3; ++i) {  // what was refused as "not now" is tried again
      user_a.let_go();
      user_b.let_go();
      wire.run_for(seconds(150));
    }
    wire.run_for(seconds(800));
    wire.expect_nothing_left();
    for (auto* node : {&a, &b}) {
      EXPECT_EQ(node->stack.counters().subscriptions, 0U) << node->name;
      EXPECT_EQ(node->stack.counters().publications, 0U) << node->name;
    }
    for (auto* user : {&user_a, &user_b}) {
      EXPECT_EQ(user->complaints, "");
      EXPECT_TRUE(user->all_ended());
      begun += user->begun();
    }
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_GT(begun, seeds * 20);  // or the storm was a breeze
}
INSTANTIATE_TEST_SUITE_P(Seeds, EventStorm, ::testing::Range<std::uint64_t>(0, 3));

}  // namespace
}  // namespace sidetone::test
