#include "sim/rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace sidetone::sim {

using std::chrono::seconds;

namespace {

// Retransmissions at 0.5, 1.5, 3.5 and 7.5 s have done their work by then (RFC 3261 §17.1).
constexpr Duration soon = seconds(20);
// RFC 3261 §14.1's longest pause after a 491 is 4 s; a second and third glare, and the pauses of call
// control.
constexpr Duration intent_patience = seconds(30);
// Nothing touched the call for this long: both sides must see the same.
constexpr Duration settled = seconds(12);
// After a fault: 64*T1 and a little more.
constexpr Duration mended = seconds(60);

// From when a call is there on one side until it is there on the other.
struct Setup {
  Time from, until;
};

// Calls count on both sides when they began after `since`; the border must not cut through a call setup.
Time border_between_calls(Time since, const std::vector<Setup>& setups) {
  constexpr Duration margin = seconds(5);
  Time border = since;
  bool moved = true;
  while (std::exchange(moved, false))
    for (const auto& setup : setups)
      if (setup.from - margin < border && border < setup.until + margin) {
        border = setup.until + margin;
        moved = true;
      }
  return border;
}

}  // namespace

CallRef call_at(const Phones& phones, Address rtp) {
  for (const auto& phone : phones)
    if (phone->ip() == rtp.ip)
      if (const auto call = phone->media().owner_of_port(rtp.port)) return {phone.get(), *call};
  return {};
}

std::optional<Time> Rules::well_since(const Phone& phone) const {
  Time since{};
  if (phone.settings().named) {
    const auto names = names_.well_since();
    if (!names) return std::nullopt;
    since = *names;
  }
  for (const auto& server : servers_) {
    if (server->is_retired()) continue;  // what it did when it left counts by its last_crash()
    const auto path = network_.well_since(phone.ip(), server->ip());
    if (!path) return std::nullopt;
    since = std::max(since, *path);
  }
  return since;
}

bool Rules::well(const Phone& phone, Time now, Duration for_at_least) const {
  const auto since = well_since(phone);
  return since && now - *since >= for_at_least;
}

bool Rules::can_register(const Phone& phone, Time now, Duration for_at_least) const {
  const auto long_enough = [&](std::optional<Time> since) { return since && now - *since >= for_at_least; };
  if (phone.settings().named && !long_enough(names_.well_since())) return false;
  return std::any_of(servers_.begin(), servers_.end(), [&](const auto& server) {
    const bool used =
        phone.settings().named ? names_.leads_to(server->ip()) : phone.settings().server.ip == server->ip();
    return used && !server->is_retired() && long_enough(network_.well_since(phone.ip(), server->ip()));
  });
}

// A call that a fault met may have lost a message for good: an answer or a BYE that went down with its
// connection, or gave up after 64*T1. Such a call lives on one side until its user ends it.
bool Rules::began_well(const Phone& phone, CallId call, Time now) const {
  const auto added = phone.added_at(call);
  return added && well(phone, now, now - *added);
}

// Its server died since, and knows nothing of it: what its ends do does not reach the other one.
bool Rules::may_be_orphan(const Phone& phone, CallId call) const {
  const auto added = phone.added_at(call);
  return std::any_of(servers_.begin(), servers_.end(), [&](const auto& server) {
    return server->last_crash() && (!added || *added <= *server->last_crash());
  });
}

void Rules::every_second(Time now) {
  std::vector<lab::CallFacts> active;
  for (const auto& server : servers_)
    for (auto& call : server->server().active()) active.push_back(std::move(call));
  for (const auto& phone : phones_) {
    legs_agree(*phone, active, now);
    promises_are_kept(*phone, now);
    line_comes_back(*phone, now);
    orphans_end(*phone, active, now);
    for (const auto& [id, call] : phone->shadow().calls()) {
      ends_agree(*phone, call, now);
      intent_becomes_fact(*phone, call, now);
      silence_is_noticed(*phone, call, now);
    }
  }
}

// The server's legs to a phone and the phone's calls are the same number, but for moments. Calls from before
// the last fault are left out: a phone may hold on to one that its server had to give up.
void Rules::legs_agree(Phone& phone, const std::vector<lab::CallFacts>& active, Time now) {
  const auto since_well = well_since(phone);
  auto& since = legs_differ_since_.try_emplace(&phone, now).first->second;
  if (!since_well) {
    since = now;
    return;
  }
  // INVITEs of the faulty time arrive for another 16 s, the longest pause of timer A before timer B; those to
  // a name once it is resolved, or by the next server after timer B or a 503.
  const Duration patience = seconds(phone.settings().named ? 70 : 40);
  std::vector<Setup> setups;
  for (const auto& call : active)
    if (call.from == phone.settings().dn || call.to == phone.settings().dn)
      setups.push_back({call.started, call.started});
  for (const auto& [id, call] : phone.shadow().calls()) {
    const Time added = *phone.added_at(id);
    const bool may_go_round = phone.settings().named && call.direction == CallDirection::outgoing;
    setups.push_back({added, may_go_round ? added + patience : added});
  }
  Time from = *since_well;
  for (const auto& server : servers_) from = std::max(from, server->last_crash().value_or(Time{}));
  const Time border = border_between_calls(from + patience, setups);

  std::size_t legs = 0, calls = 0;
  for (const auto& call : active) {
    if (call.started < border) continue;
    if (call.from == phone.settings().dn && call.caller_alive) ++legs;
    if (call.to == phone.settings().dn) legs += call.callees_alive;
  }
  for (const auto& [id, call] : phone.shadow().calls())
    if (*phone.added_at(id) >= border) ++calls;
  if (legs == calls || border > now) {
    since = now;
    return;
  }
  if (now - since < soon) return;
  since = now;
  verdict_.broken(now, "legs_differ",
                  fmt::format("{} has {} calls, the server {} legs to it", phone.name(), calls, legs));
}

// In quiet moments both ends of a call tell the same story.
void Rules::ends_agree(Phone& phone, const CallSnapshot& call, Time now) {
  const auto* media = phone.media().call(call.call);
  if (call.state != CallState::connected || !media || !media->planned) return;
  const auto peer = call_at(phones_, media->plan.remote_rtp);
  // Kept up whatever follows: a time that stood still while this call was busy would count as loneliness.
  auto& alone_since = alone_since_.try_emplace({&phone, call.call}, now).first->second;
  if (peer) alone_since = now;
  if (call.hold_wanted != call.held_by_us || !well(phone, now, mended)) return;
  if (may_be_orphan(phone, call.call)) return;
  if (now - phone.last_change(call.call) < settled) return;
  if (!peer) {
    // Its end may be on its way to us.
    const bool peer_began_well = std::all_of(servers_.begin(), servers_.end(), [&](const auto& server) {
      const auto peer_well = network_.well_since(media->plan.remote_rtp.ip, server->ip());
      return peer_well && *peer_well + seconds(40) < *phone.added_at(call.call);
    });
    if (now - alone_since >= soon && began_well(phone, call.call, now) && peer_began_well)
      verdict_.broken(now, "sound_to_nobody", fmt::format("{}: {}", phone.name(), describe(call)));
    return;
  }
  const auto* other = peer.phone->shadow().call(peer.call);
  const auto* other_media = peer.phone->media().call(peer.call);
  if (!well(*peer.phone, now, mended) || !other || !other_media) return;
  if (now - peer.phone->last_change(peer.call) < settled || other->hold_wanted != other->held_by_us) return;
  const auto story = [&] {
    return fmt::format("{}: {} | {}: {}", phone.name(), describe(call), peer.phone->name(), describe(*other));
  };
  if (other->state != CallState::connected) return verdict_.broken(now, "states_differ", story());
  if (call.held_by_us != other->held_by_peer) verdict_.broken(now, "hold_differs", story());
  if (media->plan.send && !other_media->plan.receive) verdict_.broken(now, "direction_differs", story());
  const bool nobody_holds = !call.held_by_us && !other->held_by_us;
  if (nobody_holds && (!media->plan.send || !media->plan.receive))
    verdict_.broken(now, "silence_without_hold", story());
}

// What the user wants becomes so, or is refused in words.
void Rules::intent_becomes_fact(Phone& phone, const CallSnapshot& call, Time now) {
  const auto key = std::make_pair(static_cast<const Phone*>(&phone), call.call);
  const bool open = call.state == CallState::connected && call.hold_wanted != call.held_by_us;
  const auto* media = phone.media().call(call.call);
  const auto peer = open && media ? call_at(phones_, media->plan.remote_rtp) : CallRef{};
  if (!open || !peer || may_be_orphan(phone, call.call) || !well(phone, now, mended) ||
      !well(*peer.phone, now, mended)) {
    intent_open_since_.erase(key);
    return;
  }
  const Time since =
      std::max({intent_open_since_.try_emplace(key, now).first->second, phone.last_change(call.call)});
  if (now - since < intent_patience || phone.last_refused_change(call.call) >= since - intent_patience)
    return;
  verdict_.broken(now, "intent_forgotten", fmt::format("{}: {}", phone.name(), describe(call)));
}

void Rules::promises_are_kept(Phone& phone, Time now) {
  const auto awake = network_.well_since(phone.ip());
  if (!awake || now - *awake < seconds(5)) return;
  for (const auto& [call, when] : phone.answers_given()) {
    const auto* shown = phone.shadow().call(call);
    if (shown && shown->state == CallState::ringing && now - when > seconds(5))
      verdict_.broken(now, "answer_ignored", fmt::format("{}: {}", phone.name(), describe(*shown)));
  }
  for (const auto& [call, when] : phone.hang_ups())
    if (now - when > soon && began_well(phone, call, now) && well(phone, now, mended))
      verdict_.broken(now, "hang_up_without_effect", fmt::format("{}#{}", phone.name(), call.value));
  for (const auto& [call, when] : phone.digits_awaited())
    if (now - when > seconds(40) && well(phone, now, mended))
      verdict_.broken(now, "digits_lost", fmt::format("{}#{}", phone.name(), call.value));
}

// RFC 3261 §17.1.1.2, timers B and F (with the time that names may take before): a phone that is cut off
// learns after 64*T1 that nobody hears its INVITE, its CANCEL (§9.1) or its BYE.
void Rules::silence_is_noticed(Phone& phone, const CallSnapshot& call, Time now) {
  const auto cut_since = network_.cut_since(phone.ip());
  const auto added = phone.added_at(call.call);
  if (!cut_since || !added || phone.is_asleep()) return;
  const Duration patience = phone.settings().named ? seconds(70) : seconds(38);
  const bool dialed = call.direction == CallDirection::outgoing && call.state == CallState::dialing &&
                      *added > *cut_since && now - *added > patience;
  const auto hang_up = phone.hang_ups().find(call.call);
  const bool hung_up = call.state == CallState::connected && hang_up != phone.hang_ups().end() &&
                       hang_up->second > *cut_since && now - hang_up->second > patience;
  if (dialed || hung_up)
    verdict_.broken(now, "silence_unnoticed", fmt::format("{}: {}", phone.name(), describe(call)));
}

// A named line fails over: one server that answers is enough (RFC 3263 §4.3).
void Rules::line_comes_back(Phone& phone, Time now) {
  auto& since = line_away_since_.try_emplace(&phone, now).first->second;
  if (phone.shadow().line_ready() || !can_register(phone, now, mended)) since = now;
  if (phone.shadow().line_ready()) refused_.erase(&phone);
  if (phone.shadow().line_refused()) refused_.insert(&phone);  // and stays so while it tries again
  // Whoever is refused tries again after one minute, two, then four, each up to half as long again
  // (sip/registration/retry_delay.h): a lying name led its REGISTER to somebody who does not want it.
  if (now - since < (refused_.contains(&phone) ? seconds(370) : seconds(60))) return;
  since = now;
  verdict_.broken(now, "line_away", phone.name() + " does not register any more");
}

// Calls whose server died and forgot them end by the session timer at the latest (RFC 4028 §10), or by the
// 481 to its refresh.
void Rules::orphans_end(Phone& phone, const std::vector<lab::CallFacts>& active, Time now) {
  constexpr seconds short_interval(90);
  if (phone.settings().session_expires > short_interval) return;
  auto& since = orphans_since_.try_emplace(&phone, now).first->second;
  Time crash{};
  for (const auto& server : servers_) crash = std::max(crash, server->last_crash().value_or(Time{}));
  // The interval, the last refresh's transaction and the BYE's.
  if (crash == Time{} || now - crash < short_interval + seconds(64) || !well(phone, now, seconds(90))) {
    since = now;
    return;
  }
  std::size_t calls = 0, legs = 0;
  for (const auto& [id, call] : phone.shadow().calls())
    if (call.state == CallState::connected && *phone.added_at(id) < crash) ++calls;
  for (const auto& call : active) {
    if (call.from == phone.settings().dn && call.caller_alive) ++legs;
    if (call.to == phone.settings().dn) legs += call.callees_alive;
  }
  // The server's leg ends with the BYE, the phone's call with the answer to it.
  if (calls <= legs) since = now;
  if (now - since >= soon)
    verdict_.broken(now, "orphan_lives",
                    fmt::format("{} has {} calls from before a server's crash, the servers {} legs",
                                phone.name(), calls, legs));
}

void Rules::after_hang_up(Time now) {
  for (const auto& server : servers_)
    for (const auto& dn : server->server().registered(now)) ++bindings_at_stop_[dn];
  for (const auto& phone : phones_)
    for (const auto& [id, call] : phone->shadow().calls())
      verdict_.broken(now, "call_without_end", fmt::format("{}: {}", phone->name(), describe(call)));
  for (const auto& server : servers_)
    for (const auto& call : server->server().active())
      verdict_.broken(now, "call_without_end",
                      fmt::format("server: {} -> {}, caller {}, {} callees", call.from, call.to,
                                  call.caller_alive ? "there" : "gone", call.callees_alive));
}

void Rules::stack_is_empty(const Node& node, const sip::Stack& stack, Time now) {
  const auto left = stack.counters();
  if (left.sessions + left.dialogs + left.clients + left.servers + left.timers + left.requests == 0) return;
  verdict_.broken(now, "left_over",
                  fmt::format("{}: {} sessions, {} dialogs, {} client and {} server transactions, {} timers, "
                              "{} requests",
                              node.name(), left.sessions, left.dialogs, left.clients, left.servers,
                              left.timers, left.requests));
}

void Rules::after_unregistering(Time now) {
  // A line that failed over unregisters where it is; what it had elsewhere ends with its time.
  for (const auto& node : servers_)
    for (const auto& dn : node->server().registered(now))
      if (bindings_at_stop_[dn] < 2)
        verdict_.broken(now, "still_registered", fmt::format("{} at {}", dn, node->name()));
}

void Rules::at_end(Time now) {
  for (const auto& phone : phones_) {
    stack_is_empty(*phone, phone->stack(), now);
    if (!phone->shadow().stopped()) verdict_.broken(now, "not_stopped", phone->name());
    if (phone->calls_alive() != 0)
      verdict_.broken(now, "left_over", fmt::format("{}: {} calls", phone->name(), phone->calls_alive()));
    if (!phone->media().calls().empty())
      verdict_.broken(now, "left_over",
                      fmt::format("{}: ports of {} calls", phone->name(), phone->media().calls().size()));
    const auto& counts = phone->shadow().counters();
    if (counts.added != counts.ended)
      verdict_.broken(now, "call_lost",
                      fmt::format("{}: {} calls added, {} ended", phone->name(), counts.added, counts.ended));
  }
  for (const auto& node : servers_) {
    const auto& server = node->server();
    stack_is_empty(*node, server.stack(), now);
    const auto& calls = server.calls();
    if (calls.calls != calls.over || calls.calls != calls.answered + calls.refused + calls.cancelled)
      verdict_.broken(
          now, "call_lost",
          fmt::format("{}: {} calls came, {} are over, {} answered, {} refused, {} cancelled", node->name(),
                      calls.calls, calls.over, calls.answered, calls.refused, calls.cancelled));
  }
}

}  // namespace sidetone::sim
