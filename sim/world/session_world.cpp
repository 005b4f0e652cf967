#include "sim/session_world.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/fault_plan.h"

namespace sidetone::sim {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr Time faults_until = at(150), home_at = at(160), end_at = at(600);
constexpr std::size_t peer_count = 4;

IpAddress peer_ip(std::size_t index) { return ip_of(2, static_cast<std::uint8_t>(index + 1)); }

}  // namespace

SessionWorld::SessionWorld(WorldOptions options) : Simulation(options, 77) {
  const LinkQuality quality{0.01, 0.02, 0.02, milliseconds(2 + random_.below(40)), milliseconds(20)};
  for (std::size_t i = 0; i < peer_count; ++i) {
    network_.attach(peer_ip(i), quality);
    peers_.push_back(std::make_unique<Peer>(fmt::format("peer{}", i + 1), peer_ip(i), network_, queue_,
                                            random_.next(), options_.mutation, trace_, verdict_));
    clockwork_.add(*peers_.back());
  }
}

void SessionWorld::plan_faults() {
  const auto count = 1 + random_.below(3);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto where = peer_ip(random_.below(peer_count)), other = peer_ip(random_.below(peer_count));
    const Time from = at(5) + milliseconds(random_.below(110000));
    const Time until = std::min(faults_until, from + seconds(1 + random_.below(45)));
    const auto kind = static_cast<FaultKind>(random_.below(3));
    const double loss = 0.2 + 0.5 * random_.unit();
    const auto set = [this, where, other, kind, loss](bool on, Time now) {
      if (kind == FaultKind::loss_burst) network_.set_extra_loss(where, on ? loss : 0, now);
      if (kind == FaultKind::cut) network_.set_cut(where, on, now);
      if (kind == FaultKind::slow) network_.set_blocked(where, other, on, now);
      if (!on) return;
      ++faults_;
      ++faults_by_kind_[fmt::format("peers {}", kind == FaultKind::slow ? "blocked" : to_string(kind))];
    };
    queue_.at(from, [set](Time now) { set(true, now); });
    queue_.at(until, [set](Time now) { set(false, now); });
  }
}

// Both ends of one call do something in the same instant: the same thing, or BYE against REFER, an offer
// against a request for one, a subscription against the end.
void SessionWorld::make_glare(Time now) {
  const auto& one = peers_[random_.below(peer_count)];
  const auto ids = one->established();
  if (ids.empty()) return;
  const auto& call_id = ids[random_.below(ids.size())];
  constexpr auto deeds = static_cast<std::uint64_t>(Peer::Deed::count_);
  const auto first = static_cast<Peer::Deed>(random_.below(deeds));
  const auto second = random_.chance(0.5) ? first : static_cast<Peer::Deed>(random_.below(deeds));
  for (const auto& other : peers_) {
    const auto there = other->session_of(call_id);
    if (other == one || !there) continue;
    ++faults_by_kind_["glare"];
    one->act(one->session_of(call_id), first, now);
    other->act(there, second, now);
    return;
  }
}

void SessionWorld::nothing_is_left(Time now) {
  for (const auto& peer : peers_) {
    const auto left = peer->stack().counters();
    if (left.sessions + left.dialogs + left.clients + left.servers + left.timers + left.requests +
            left.subscriptions + peer->sessions() + peer->open_refers() + peer->open_subscriptions() ==
        0)
      continue;
    verdict_.broken(
        now, "left_over",
        fmt::format("{}: {} sessions, {} dialogs, {} client and {} server transactions, {} timers, {} "
                    "requests, {} subscriptions; told of {} sessions, {} REFERs, {} subscriptions",
                    peer->name(), left.sessions, left.dialogs, left.clients, left.servers, left.timers,
                    left.requests, left.subscriptions, peer->sessions(), peer->open_refers(),
                    peer->open_subscriptions()));
  }
}

WorldResult SessionWorld::run() {
  for (std::size_t i = 0; i < peer_count; ++i) {
    std::vector<std::string> others;
    for (std::size_t other = 0; other < peer_count; ++other)
      if (other != i) others.push_back("sip:peer@" + peer_ip(other).to_string());
    peers_[i]->start(others, {});
  }
  plan_faults();
  repeat(
      at(3), home_at, [this] { return milliseconds(500 + random_.below(4000)); },
      [this](Time now) { make_glare(now); });
  queue_.at(home_at, [this](Time now) {
    for (const auto& peer : peers_) peer->go_home(now);
  });
  // Two transactions later whoever unsubscribed is rid of it, whatever the notifier says.
  queue_.at(home_at + seconds(75), [this](Time now) {
    for (const auto& peer : peers_)
      if (peer->open_subscriptions() != 0)
        verdict_.broken(now, "subscription_left",
                        fmt::format("{}: {}", peer->name(), peer->open_subscriptions()));
  });
  clockwork_.run_until(end_at);
  nothing_is_left(clockwork_.now());
  WorldResult result = this->result();
  for (const auto& peer : peers_) {
    add(result, peer->stack());
    add(result, peer->seen(), "peer:");
  }
  return result;
}

}  // namespace sidetone::sim
