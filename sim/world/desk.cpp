#include "sim/desk.h"

#include <fmt/format.h>

#include <algorithm>

namespace sidetone::sim {

using lab::tlib::EventName;
using lab::tlib::RequestName;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr int requests_known = static_cast<int>(RequestName::clear_call) + 1;

bool needs_destination(RequestName name) {
  return name == RequestName::make_call || name == RequestName::single_step_transfer ||
         name == RequestName::initiate_transfer || name == RequestName::initiate_conference ||
         name == RequestName::redirect_call;
}

bool is_of_a_call(EventName name) {
  return name != EventName::dn_in_service && name != EventName::dn_out_of_service &&
         name != EventName::error && name != EventName::on_hook && name != EventName::off_hook;
}

}  // namespace

void Desk::think(Time now) {
  queue_.at(now + milliseconds(200 + random_.below(going_home_ ? 1500 : 4000)), [this](Time when) {
    act(when);
    think(when);
  });
}

std::string Desk::any_dn() { return dns_[random_.below(dns_.size())]; }

void Desk::act(Time now) {
  lab::tlib::Request request;
  request.this_dn = any_dn();
  const auto calls = calls_of(request.this_dn);
  if (going_home_) {
    if (calls.empty()) return;
    request.name = random_.chance(0.5) ? RequestName::clear_call : RequestName::release_call;
    request.conn_id = calls[random_.below(calls.size())];
    return ask(std::move(request), now);
  }
  // An idle agent mostly calls somebody; a busy one does anything that there is.
  const auto any = static_cast<RequestName>(random_.below(requests_known));
  request.name = calls.empty() && random_.chance(0.8) ? RequestName::make_call : any;
  if (!calls.empty() && request.name == RequestName::make_call && random_.chance(0.7))
    request.name = random_.chance(0.5) ? RequestName::answer_call : RequestName::hold_call;
  do request.destination = any_dn();
  while (request.destination == request.this_dn);
  if (random_.chance(0.05)) request.destination = "4040";
  // What a request does not need it may not have; a few have it all the same.
  const bool careless = random_.chance(0.02);
  if (!needs_destination(request.name) && !careless) request.destination.clear();
  if (request.name == RequestName::send_dtmf || careless) request.digits = "12#";
  if (!calls.empty() && random_.chance(0.4)) request.conn_id = calls[random_.below(calls.size())];
  if (random_.chance(0.03)) request.conn_id = "0123456789abcdef";  // no such call
  if (random_.chance(0.02)) request.this_dn = "4040";
  ask(std::move(request), now);
}

void Desk::ask(lab::tlib::Request request, Time now) {
  request.reference_id = ++last_reference_;
  asked_[request.reference_id] = {request.name, now, request.this_dn};
  if (!request.conn_id.empty()) changed_[request.conn_id] = now;
  for (const auto& call : calls_of(request.this_dn)) changed_[call] = now;
  ++seen_[fmt::format("request:{}", name_of(request.name))];
  trace_.note(now, "desk", [&] {
    return fmt::format("asks #{} {} {} {} {}", request.reference_id, name_of(request.name), request.this_dn,
                       request.destination, request.conn_id);
  });
  server_.server().request(request, now);
  server_.drain(now);
  look(now);
}

void Desk::look(Time now) {
  while (auto event = server_.server().poll_tlib_event()) see(*event, now);
}

void Desk::see(const lab::tlib::Event& event, Time now) {
  ++seen_[fmt::format("event:{}", name_of(event.name))];
  trace_.note(now, "desk", [&] {
    return fmt::format("told #{} {} {} {}", event.reference_id, brief(event), event.conn_id, event.text);
  });
  if (event.reference_id != 0) {
    const auto asked = asked_.find(event.reference_id);
    if (asked == asked_.end()) return verdict_.broken(now, "unknown_reference", brief(event));
    ++asked->second.events;
    if (event.name == EventName::error && ++asked->second.errors > 1)
      verdict_.broken(now, "two_errors", fmt::format("#{}", event.reference_id));
  } else if (event.name == EventName::error) {
    verdict_.broken(now, "error_for_nobody", event.text);
  }
  // Two clicks on one button, or a release of what was being made: one of the two is told.
  constexpr Duration request_max = seconds(40);
  for (auto asked = asked_.rbegin(); asked != asked_.rend() && now - asked->second.when < request_max;
       ++asked)
    if (asked->second.dn == event.this_dn && asked->first != event.reference_id)
      asked->second.overtaken = true;
  if (event.name == EventName::off_hook) ++hooks_[event.this_dn];
  if (event.name == EventName::on_hook && --hooks_[event.this_dn] < 0)
    verdict_.broken(now, "event_out_of_place", fmt::format("{}: it was on hook", brief(event)));
  if (is_of_a_call(event.name)) follow(event, now);
  if (event.name == EventName::ringing) answer_soon(event, now);
}

// A party's life: Null, Dialing or Ringing, Connected, Held and back, Null.
// The agent has seen it ring, and clicks.
void Desk::answer_soon(const lab::tlib::Event& event, Time now) {
  if (going_home_ || !random_.chance(0.6)) return;
  queue_.at(now + milliseconds(random_.below(5000)),
            [this, dn = event.this_dn, call = event.conn_id](Time when) {
              if (party(dn, call) == Party::ringing)
                ask({.name = RequestName::answer_call, .this_dn = dn, .conn_id = call}, when);
            });
}

void Desk::follow(const lab::tlib::Event& event, Time now) {
  if (event.conn_id.empty()) return verdict_.broken(now, "event_out_of_place", brief(event) + " of no call");
  changed_[event.conn_id] = now;
  // Somebody who was sent to himself: the two ends of such a call cannot be told apart by their DN, nor can
  // those who come into it later be followed.
  if (event.this_dn == event.other_dn) own_calls_.insert(event.conn_id);
  if (own_calls_.contains(event.conn_id)) {
    with_themselves_.insert(event.this_dn);
    parties_.erase({event.this_dn, event.previous_conn_id});
    parties_.erase({event.this_dn, event.conn_id});
    return;
  }
  auto& party = parties_[{event.this_dn, event.conn_id}];
  const auto before = party;
  const auto from = [&](std::initializer_list<Party> allowed, Party to) {
    if (std::find(allowed.begin(), allowed.end(), before) == allowed.end()) out_of_place(event, before, now);
    party = to;
  };
  switch (event.name) {
    // Whoever has left may be called, or sent, back into it.
    case EventName::dialing: return from({Party::none, Party::over}, Party::dialing);
    case EventName::ringing: return from({Party::none, Party::over}, Party::ringing);
    case EventName::established: return from({Party::dialing, Party::ringing}, Party::talking);
    case EventName::held: return from({Party::talking}, Party::held);
    case EventName::retrieved: return from({Party::held}, Party::talking);
    case EventName::abandoned: return from({Party::ringing}, Party::over);
    case EventName::released:
      return from({Party::dialing, Party::ringing, Party::talking, Party::held}, Party::over);
    case EventName::destination_busy: return from({Party::dialing, Party::talking}, before);
    case EventName::party_changed:
    case EventName::party_added:
    case EventName::party_deleted:
      // Of two calls that become one its parties take the other's id along.
      if (!event.previous_conn_id.empty() && (before == Party::none || before == Party::over)) {
        auto& moved = parties_[{event.this_dn, event.previous_conn_id}];
        party = std::exchange(moved, Party::over);
        if (party == Party::none || party == Party::over) out_of_place(event, before, now);
        return;
      }
      return from({Party::dialing, Party::ringing, Party::talking, Party::held}, before);
    case EventName::dtmf_sent: return from({Party::dialing, Party::talking, Party::held}, before);
    default: return;
  }
}

void Desk::out_of_place(const lab::tlib::Event& event, Party before, Time now) {
  constexpr const char* names[] = {"not in it", "dialing", "ringing", "talking", "held", "gone"};
  verdict_.broken(now, "event_out_of_place",
                  fmt::format("{} in {}: it was {}", brief(event), event.conn_id,
                              names[static_cast<std::size_t>(before)]));
}

Desk::Party Desk::party(const std::string& dn, const std::string& conn_id) const {
  const auto found = parties_.find({dn, conn_id});
  return found == parties_.end() ? Party::none : found->second;
}

std::vector<std::string> Desk::calls_of(const std::string& dn) const {
  std::vector<std::string> calls;
  for (auto at = parties_.lower_bound({dn, ""}); at != parties_.end() && at->first.first == dn; ++at)
    if (at->second != Party::none && at->second != Party::over) calls.push_back(at->first.second);
  return calls;
}

Time Desk::last_change(const std::string& conn_id) const {
  const auto found = changed_.find(conn_id);
  return found == changed_.end() ? Time{} : found->second;
}

void Desk::at_end(Time now) {
  for (const auto& [reference, asked] : asked_)
    if (asked.events == 0 && !asked.overtaken)
      verdict_.broken(now, "request_forgotten",
                      fmt::format("#{} {} of {} s", reference, name_of(asked.name), stamp(asked.when)));
  for (const auto& [of, party] : parties_)
    if (party != Party::none && party != Party::over)
      verdict_.broken(now, "party_left", fmt::format("{} in {}", of.first, of.second));
  for (const auto& [dn, hooks] : hooks_)
    if (hooks != 0) verdict_.broken(now, "hook_left", fmt::format("{}: {}", dn, hooks));
}

}  // namespace sidetone::sim
