#include "wire_scenario.h"

#include <algorithm>

namespace sidetone::test {
namespace {

// Ids count from 1 in each stack; no scenario has more calls or accounts.
constexpr std::uint64_t sessions_max = 128;
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
  check_events();
  check_stories_against_stacks();
  check_both_sides();
  hang_up_everything();
  check_events();
  check_nothing_left();
  if (wire_.is_restless) complain("the world does not come to rest");
  return found_;
}

void WireWorld::check_events() {
  for (const auto& node : wire_.nodes()) {
    const EventBook book(node->history);
    for (const auto& text : book.contradictions()) complain("{}: {}", node->name, text);
  }
}

// No session in a state that its events do not tell.
void WireWorld::check_stories_against_stacks() {
  for (const auto& node : wire_.nodes()) {
    const EventBook book(node->history);
    for (const auto& [id, story] : book.sessions()) {
      const auto facts = node->stack.dialog(id);
      if (story.ends > 1) complain("{}: session {} ended {} times", node->name, id.value, story.ends);
      if (story.ends != 0 && facts) complain("{}: session {} ended, yet has a dialog", node->name, id.value);
      const bool up = story.accepted || story.confirmed;
      if (story.ends == 0 && up && !(facts && facts->confirmed))
        complain("{}: session {} is up by its events only", node->name, id.value);
      if (facts && facts->confirmed && !up && !story.incoming)
        complain("{}: session {} is up without an event", node->name, id.value);
    }
  }
}

// A call is up on both sides or on none.
void WireWorld::check_both_sides() {
  if (one_sided_calls_) return;
  struct Side {
    const Node* node;
    sip::Stack::DialogFacts facts;
  };
  std::vector<Side> sides;
  for (const auto& node : wire_.nodes())
    for_each_id<sip::SessionId>(sessions_max, [&](sip::SessionId id) {
      if (const auto facts = node->stack.dialog(id); facts && facts->confirmed)
        sides.push_back({node.get(), *facts});
    });
  const auto mirrors = [](const Side& a, const Side& b) {
    return a.facts.call_id == b.facts.call_id && a.facts.local_tag == b.facts.remote_tag &&
           a.facts.remote_tag == b.facts.local_tag;
  };
  for (const auto& side : sides) {
    const auto is_peer = [&](const auto& node) {
      return side.facts.remote_target.find(node->address.ip.to_string()) != std::string::npos;
    };
    const auto& nodes = wire_.nodes();
    if (std::none_of(nodes.begin(), nodes.end(), is_peer)) continue;  // a script's part
    if (std::none_of(sides.begin(), sides.end(), [&](const Side& other) { return mirrors(side, other); }))
      complain("{}: the call {} is up on this side only", side.node->name, side.facts.call_id);
  }
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
    const EventBook book(node->history);
    for (const auto& [id, story] : book.sessions())
      if (story.ends != 1) complain("{}: session {} ended {} times", node->name, id.value, story.ends);
  }
}

}  // namespace sidetone::test
