#include "labserver/call_events.h"

#include <utility>

namespace sidetone::lab {

using tlib::EventName;

bool CallEvents::is_internal(std::string_view dn) const { return registrar_.knows(dn) && !board_.route(dn); }

std::optional<tlib::Event> CallEvents::poll() {
  if (events_.empty()) return std::nullopt;
  auto event = std::move(events_.front());
  events_.pop_front();
  return event;
}

void CallEvents::tell(tlib::Event event) {
  if (log_.wants(LogTag::lab, LogLevel::info))
    log_.write({event.time, LogLevel::info, LogTag::lab, {}, 0, tlib::brief(event)});
  if (const auto counted = told_.find(event.reference_id); counted != told_.end()) ++counted->second.events;
  if (events_.size() >= tlib_events_max) events_.pop_front();
  events_.push_back(std::move(event));
}

// Who has left is still the other one in what is told of the end.
std::string CallEvents::other_of(const Call& call, const Party& party) {
  return call.parties.size() < 2 ? party.last_other : call.other_dn(party.dn);
}

void CallEvents::tell(Call& call, EventName name, const std::string& dn, std::string other, Time now,
                      int status) {
  tlib::Event event;
  event.name = name;
  event.time = now;
  event.this_dn = dn;
  event.other_dn = std::move(other);
  event.conn_id = call.conn_id;
  event.previous_conn_id = call.previous_conn_id;
  event.call_type = call.type;
  event.reference_id = call.reference_id;
  event.call_uuid = call.uuid;
  event.status = status;
  if (Party* party = call.party(dn)) {
    const bool of_third = name == EventName::party_deleted || name == EventName::party_added;
    if (!event.other_dn.empty() && !of_third) party->last_other = event.other_dn;
    if (party->reference_id != 0) event.reference_id = party->reference_id;
  }
  tell(std::move(event));
}

void CallEvents::classify(Call& call) {
  for (auto& party : call.parties) party.internal = party.internal || is_internal(party.dn);
  if (call.type != tlib::CallType::unknown || call.parties.size() != 2) return;
  const bool from = call.parties[0].internal, to = call.parties[1].internal;
  if (from && to) call.type = tlib::CallType::internal;
  if (from && !to) call.type = tlib::CallType::outbound;
  if (!from && to) call.type = tlib::CallType::inbound;
}

void CallEvents::go_off_hook(Call& call, Party& party, Time now) {
  if (!party.internal || party.off_hook) return;
  party.off_hook = true;
  if (++off_hook_[party.dn] == 1) tell(call, EventName::off_hook, party.dn, {}, now);
}

void CallEvents::dials(Call& call, const std::string& dn, Time now) {
  classify(call);
  Party* party = call.party(dn);
  if (!party || !party->internal) return;
  go_off_hook(call, *party, now);
  tell(call, EventName::dialing, dn, call.other_dn(dn), now);
}

void CallEvents::rings(Call& call, const std::string& dn, Time now) {
  classify(call);
  Party* party = call.callee(dn);
  if (!party || party->state != PartyState::alerting) return;
  party->state = PartyState::ringing;
  if (party->internal) tell(call, EventName::ringing, dn, call.other_dn(dn), now);
}

void CallEvents::answers(Call& call, const std::string& dn, Time now) {
  classify(call);
  if (Party* party = call.party(dn)) go_off_hook(call, *party, now);
}

// Nothing was told of a callee before whose 180 is lost.
void CallEvents::established(Call& call, const std::string& callee, const std::string& caller, Time now) {
  classify(call);
  for (const auto* dn : {&callee, &caller}) {
    Party* party = dn == &callee && call.callee(*dn) ? call.callee(*dn) : call.party(*dn);
    if (!party || party->answered()) continue;
    party->state = PartyState::established;
    go_off_hook(call, *party, now);
    if (party->internal) tell(call, EventName::established, *dn, call.other_dn(*dn), now);
  }
}

void CallEvents::held(Call& call, const std::string& dn, Time now) {
  Party* party = call.party(dn);
  if (!party) return;
  party->state = PartyState::held;
  tell(call, EventName::held, dn, call.other_dn(dn), now);
}

void CallEvents::retrieved(Call& call, const std::string& dn, Time now) {
  Party* party = call.party(dn);
  if (!party) return;
  party->state = PartyState::established;
  tell(call, EventName::retrieved, dn, call.other_dn(dn), now);
}

void CallEvents::destination_busy(Call& call, int status, Time now) {
  for (const auto& party : call.parties)
    if (party.state == PartyState::dialing && party.internal && party.off_hook)
      tell(call, EventName::destination_busy, std::string(party.dn), other_of(call, party), now, status);
}

void CallEvents::leaves(Call& call, Party& leaving, bool refused, Time now) {
  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): `leaving` is gone before its events are told
  const Party party = leaving;
  const std::string& dn = party.dn;
  const std::string other = other_of(call, party);
  board_.remove_party(call, leaving);
  const auto of_call =
      std::exchange(call.reference_id, party.reference_id != 0 ? party.reference_id : call.reference_id);
  if (party.internal && party.state == PartyState::ringing)
    tell(call, refused ? EventName::released : EventName::abandoned, dn, other, now);
  if (party.off_hook) {
    tell(call, EventName::released, dn, other, now);
    const auto count = off_hook_.find(dn);
    if (--count->second == 0) {
      off_hook_.erase(count);
      tell(call, EventName::on_hook, dn, {}, now);
    }
  }
  call.reference_id = of_call;
  if (call.parties.size() == 2)
    for (auto& rest : call.parties) rest.last_other = call.other_dn(rest.dn);
  if (!call.connected || call.parties.size() < 2 || !party.answered()) return;
  for (const auto& rest : call.parties)
    if (rest.internal) tell(call, EventName::party_deleted, std::string(rest.dn), dn, now);
}

void CallEvents::party_changed(Call& call, const std::string& dn, const std::string& other, Time now,
                               const std::string& former) {
  const Party* party = call.party(dn);
  if (!party || !party->internal) return;
  tell(call, EventName::party_changed, dn, other, now);
  if (!former.empty()) events_.back().previous_conn_id = former;
}

void CallEvents::party_added(Call& call, const std::string& dn, const std::string& other, Time now) {
  if (const Party* party = call.party(dn); party && party->internal)
    tell(call, EventName::party_added, dn, other, now);
}

void CallEvents::dtmf_sent(Call& call, const tlib::Request& request, Time now) {
  const auto of_call = std::exchange(call.reference_id, request.reference_id);
  tell(call, EventName::dtmf_sent, request.this_dn, call.other_dn(request.this_dn), now);
  call.reference_id = of_call;
  events_.back().digits = request.digits;
}

void CallEvents::merged(Call& call, Time now) { tell(call, EventName::released, {}, {}, now); }

void CallEvents::service(const std::string& dn, bool in_service, Time now) {
  tlib::Event event;
  event.name = in_service ? EventName::dn_in_service : EventName::dn_out_of_service;
  event.time = now;
  event.this_dn = dn;
  tell(std::move(event));
}

void CallEvents::error(const tlib::Request& request, tlib::ErrorCode code, int status, std::string text,
                       Time now) {
  tlib::Event event;
  event.name = EventName::error;
  event.time = now;
  event.this_dn = request.this_dn;
  event.conn_id = request.conn_id;
  event.reference_id = request.reference_id;
  event.status = status;
  event.error_code = code;
  event.text = std::move(text);
  tell(std::move(event));
}

}  // namespace sidetone::lab
