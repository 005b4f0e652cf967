#include "wire_scenario.h"

namespace sidetone::test {
namespace {

// Ids count from 1 in each stack; no scenario has more accounts.
constexpr std::uint64_t accounts_max = 16;
constexpr std::uint64_t subscriptions_max = 64;

template <typename Id, typename Action>
void for_each_id(std::uint64_t count, Action&& action) {
  for (std::uint64_t i = 1; i <= count; ++i) action(Id{i});
}

}  // namespace

std::string WireWorld::judge() {
  wire_.forget_script();
  // Longer than all that RFC 3261 lets a lost message hang: 64*T1 for its transaction, once more for its
  // successor, and what was very late.
  wire_.run_for(seconds(200));
  const auto stacks = watched();
  found_ += check_events(stacks) + check_stories(stacks);
  if (!one_sided_calls_) found_ += check_both_sides(stacks);
  hang_up_everything();
  found_ += check_events(stacks) + check_ended(stacks);
  check_nothing_left();
  if (wire_.is_restless) complain("the world does not come to rest");
  return found_;
}

std::vector<Watched> WireWorld::watched() const {
  std::vector<Watched> stacks;
  for (const auto& node : wire_.nodes())
    stacks.push_back({node->name, node->address.ip.to_string(), &node->stack, &node->history});
  return stacks;
}

void WireWorld::hang_up_everything() {
  for (const auto& node : wire_.nodes()) {
    for_each_id<sip::SessionId>(
        sessions_max, [&](sip::SessionId id) { static_cast<void>(node->stack.end(id, {}, wire_.now())); });
    for_each_id<sip::SubscriptionId>(subscriptions_max, [&](sip::SubscriptionId id) {
      if (!node->stack.unsubscribe(id, wire_.now()))
        static_cast<void>(node->stack.notify(id, {.state = sip::Substate::terminated}, wire_.now()));
    });
    for_each_id<sip::PublicationId>(subscriptions_max, [&](sip::PublicationId id) {
      static_cast<void>(node->stack.unpublish(id, wire_.now()));
    });
    for_each_id<sip::AccountId>(accounts_max, [&](sip::AccountId id) {
      if (!node->is_owned() && node->stack.account(id)) node->stack.remove_account(id, wire_.now());
    });
    wire_.settle(*node);
  }
  wire_.run_for(seconds(1000));
}

void WireWorld::check_nothing_left() {
  for (const auto& node : wire_.nodes()) {
    const auto left = node->stack.counters();
    const std::pair<const char*, std::size_t> kinds[] = {{"sessions", left.sessions},
                                                         {"dialogs", left.dialogs},
                                                         {"client transactions", left.clients},
                                                         {"server transactions", left.servers},
                                                         {"timers", left.timers},
                                                         {"requests", left.requests},
                                                         {"subscriptions", left.subscriptions},
                                                         {"publications", left.publications}};
    for (const auto& [what, count] : kinds)
      if (count != 0) complain("{}: {} {} left", node->name, count, what);
  }
}

}  // namespace sidetone::test
