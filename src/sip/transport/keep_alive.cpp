#include "sip/transport/keep_alive.h"

namespace sidetone::sip::flows {
namespace {

// Bound: as many go along with one that is due. Enough for a phone's lines to share a wake-up; a process
// with thousands of flows must not send to all of them at once.
constexpr std::size_t companions_max = 16;

}  // namespace

void KeepAlive::move(const Key& key, Entry& entry, Time due) {
  order_.erase({entry.due, key});
  entry.due = due;
  order_.emplace(due, key);
}

void KeepAlive::schedule(const Key& key, Entry& entry, Time now, Random& random) {
  const Duration span = entry.interval_max / 5;
  entry.waits_for_pong = false;
  entry.may = now + entry.interval_max - span;
  entry.must = entry.may + Duration(random.below(static_cast<std::uint64_t>(span.count()) + 1));
  move(key, entry, entry.must);
}

void KeepAlive::keep(const Key& key, Duration interval_max, bool expects_pong, Time now, Random& random) {
  auto [at, is_new] = entries_.try_emplace(key);
  Entry& entry = at->second;
  const bool sooner = !is_new && interval_max < entry.interval_max && !entry.waits_for_pong;
  entry.interval_max = interval_max;
  entry.expects_pong = entry.expects_pong || expects_pong;
  if (is_new || sooner) schedule(key, entry, now, random);
}

void KeepAlive::forget(const Key& key) {
  const auto at = entries_.find(key);
  if (at == entries_.end()) return;
  order_.erase({at->second.due, key});
  entries_.erase(at);
}

void KeepAlive::heard_pong(const Key& key, bool alone) {
  const auto at = entries_.find(key);
  if (at == entries_.end() || !at->second.pinged) return;
  Entry& entry = at->second;
  entry.pinged = false;
  if (alone) entry.expects_pong = true;
  if (!entry.waits_for_pong) return;
  entry.waits_for_pong = false;
  move(key, entry, entry.must);
}

void KeepAlive::ping(const Key& key, Entry& entry, Time now, Random& random, Due& out) {
  out.pings.push_back(key);
  schedule(key, entry, now, random);
  entry.pinged = true;
  if (!entry.expects_pong || now + pong_max >= entry.must) return;
  entry.waits_for_pong = true;
  move(key, entry, now + pong_max);
}

// Each wake-up costs a phone on battery more than the four bytes do.
void KeepAlive::take_companions(Time now, Random& random, Due& out) {
  std::size_t looked_at = 0;
  std::vector<Key> willing;
  for (const auto& [due, key] : order_) {
    if (++looked_at > companions_max) break;
    const Entry& entry = entries_.at(key);
    if (!entry.waits_for_pong && entry.may <= now) willing.push_back(key);
  }
  for (const auto& key : willing) ping(key, entries_.at(key), now, random, out);
}

KeepAlive::Due KeepAlive::on_time(Time now, Random& random) {
  Due out;
  while (!order_.empty() && order_.begin()->first <= now) {
    const Key key = order_.begin()->second;
    Entry& entry = entries_.at(key);
    if (entry.waits_for_pong) {
      out.dead.push_back(key);
      forget(key);
    } else {
      ping(key, entry, now, random, out);
    }
  }
  if (!out.pings.empty()) take_companions(now, random, out);
  return out;
}

std::optional<Deadline> KeepAlive::deadline() const {
  if (order_.empty()) return std::nullopt;
  const bool pong = entries_.at(order_.begin()->second).waits_for_pong;
  return Deadline{order_.begin()->first, pong ? "keep_alive_pong" : "keep_alive"};
}

}  // namespace sidetone::sip::flows
