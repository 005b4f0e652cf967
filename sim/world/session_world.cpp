#include "sim/session_world.h"

#include <algorithm>

#include <fmt/format.h>

namespace sidetone::sim {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr Time at(int s) { return Time{} + seconds(s); }
constexpr Time faults_until = at(150), home_at = at(160), end_at = at(600);
constexpr std::size_t peer_count = 4;

IpAddress peer_ip(std::size_t index) {
  IpAddress address;
  address.bytes[0] = 10;
  address.bytes[2] = 2;
  address.bytes[3] = static_cast<std::uint8_t>(index + 1);
  return address;
}

}  // namespace

SessionWorld::SessionWorld(WorldOptions options)
    : options_(options),
      random_(options.seed * 0x9e3779b97f4a7c15u + 77),
      trace_(options.keep_trace),
      network_(queue_, random_, trace_) {
  const LinkQuality quality{0.01, 0.02, 0.02, milliseconds(2 + random_.below(40)), milliseconds(20)};
  for (std::size_t i = 0; i < peer_count; ++i) {
    network_.attach(peer_ip(i), quality);
    peers_.push_back(std::make_unique<Peer>(fmt::format("peer{}", i + 1), peer_ip(i), network_, queue_,
                                            random_.next(), options_.mutation, trace_, verdict_));
    clockwork_.add(*peers_.back());
  }
  network_.tap = [this](IpAddress, IpAddress, const sip::Bytes& bytes, Time now) {
    storms_.message(*bytes, now);
  };
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

void SessionWorld::plan_glare(Time now) {
  const Time next = now + milliseconds(500 + random_.below(4000));
  if (next >= home_at) return;
  queue_.at(next, [this](Time when) {
    make_glare(when);
    plan_glare(when);
  });
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
  plan_glare(at(3));
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
  WorldResult result;
  result.seed = options_.seed;
  result.violations = verdict_.violations();
  result.hash = trace_.hash();
  result.faults = faults_;
  result.virtual_time = clockwork_.now().time_since_epoch();
  result.faults_by_kind = faults_by_kind_;
  result.noisiest = storms_.most();
  for (const auto& peer : peers_) {
    for (const auto& [name, count] : peer->stack().transitions())
      result.transitions[std::string(name)] += count;
    for (const auto& [name, count] : peer->seen()) result.transitions["peer:" + name] += count;
    result.messages += peer->stack().counters().messages_in;
  }
  return result;
}

}  // namespace sidetone::sim
