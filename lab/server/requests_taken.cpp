// Which flow a request gets, and which requests get none.
#include <fmt/format.h>

#include "labserver/control.h"
#include "labserver/flows/flows.h"

namespace sidetone::lab {

using tlib::ErrorCode;
using tlib::RequestName;

namespace {

bool any(const Party&) { return true; }
bool rings_now(const Party& party) { return party.state == PartyState::ringing; }
bool speaks_now(const Party& party) { return party.state == PartyState::established; }
bool holds(const Party& party) { return party.state == PartyState::held; }
bool talks(const Party& party) { return speaks_now(party) || holds(party); }

}  // namespace

void Control::refuse(const tlib::Request& request, ErrorCode code, std::string text, Time now) {
  events_.error(request, code, 0, std::move(text), now);
}

bool Control::refuse_unknown(const tlib::Request& request, const std::string& dn, Time now) {
  if (board_.route(dn)) return false;
  if (!registrar_.knows(dn)) {
    refuse(request, ErrorCode::unknown_dn, fmt::format("there is no DN {}", dn), now);
    return true;
  }
  if (registrar_.lookup(dn, now).empty()) {
    refuse(request, ErrorCode::dn_out_of_service, fmt::format("no phone is registered as {}", dn), now);
    return true;
  }
  return false;
}

void Control::request(const tlib::Request& request, Time now) {
  if (const auto good = tlib::check(request); !good)
    return refuse(request, ErrorCode::bad_request, good.error().text, now);
  if (!registrar_.knows(request.this_dn) || board_.route(request.this_dn))
    return refuse(request, ErrorCode::unknown_dn, fmt::format("there is no DN {}", request.this_dn), now);
  if (!request.destination.empty() && refuse_unknown(request, request.destination, now)) return;
  switch (request.name) {
    case RequestName::make_call: return make_call(request, now);
    case RequestName::answer_call: return beside(request, rings_now, &CtiControl::talk, answer, now);
    case RequestName::send_dtmf: return beside(request, speaks_now, &CtiControl::dtmf, send_dtmf, now);
    case RequestName::clear_call:
    case RequestName::release_call: return release_call(request, now);
    case RequestName::hold_call: return in_call(request, speaks_now, hold, now);
    case RequestName::retrieve_call: return in_call(request, holds, retrieve, now);
    case RequestName::single_step_transfer: return single_step_transfer(request, now);
    case RequestName::initiate_transfer:
    case RequestName::initiate_conference: return in_call(request, speaks_now, consult, now);
    case RequestName::complete_transfer:
      return with_consult_call(request,
                               settings_.options_of(request.this_dn).transfer_complete_by_refer
                                   ? complete_transfer_refer
                                   : complete_transfer,
                               now);
    case RequestName::complete_conference: return with_consult_call(request, conference, now);
    case RequestName::reconnect_call: return reconnect_call(request, now);
    case RequestName::alternate_call: return alternate_call(request, now);
    case RequestName::redirect_call: return redirect_call(request, now);
  }
}

Call* Control::find_call(const tlib::Request& request, const std::string& conn_id, Suits suits, Time now) {
  Call* found = nullptr;
  std::size_t fitting = 0, others = 0;
  for (const auto key : board_.calls_of_dn(request.this_dn)) {
    Call* call = board_.call(key);
    if (!conn_id.empty() && call->conn_id != conn_id) continue;
    const Party* party = call->party(request.this_dn);
    if (!suits(*party)) {
      ++others;
      continue;
    }
    ++fitting;
    found = call;
  }
  if (fitting == 1) return found;
  if (fitting > 1)
    refuse(request, ErrorCode::ambiguous,
           fmt::format("{} of the calls of {} could be meant: name one by its conn_id", fitting,
                       request.this_dn),
           now);
  else if (others > 0)
    refuse(request, ErrorCode::wrong_state,
           fmt::format("no call of {} is in a state for {}", request.this_dn, name_of(request.name)), now);
  else if (conn_id.empty())
    refuse(request, ErrorCode::unknown_call, fmt::format("{} has no call", request.this_dn), now);
  else
    refuse(request, ErrorCode::unknown_call, fmt::format("{} has no call {}", request.this_dn, conn_id), now);
  return nullptr;
}

bool Control::refuse_busy(const tlib::Request& request, const Call& call, Time now) {
  if (!call.flow) return false;
  refuse(request, ErrorCode::busy, "another request for this call is under way", now);
  return true;
}

void Control::make_call(const tlib::Request& request, Time now) {
  if (request.this_dn == request.destination)
    return refuse(request, ErrorCode::bad_request, "a DN cannot call itself", now);
  if (refuse_unknown(request, request.this_dn, now)) return;
  const auto& options = settings_.options_of(request.this_dn);
  if (options.refer_enabled) return start(request, make_call_refer, {}, now);
  start(request, options.make_call_rfc3725_flow == 1 ? make_call_rfc3725_1 : make_call_reinvite, {}, now);
}

// Needs the call for itself.
void Control::in_call(const tlib::Request& request, Suits suits, FlowFunction flow, Time now) {
  Call* call = find_call(request, request.conn_id, suits, now);
  if (!call || refuse_busy(request, *call, now)) return;
  const Party* other = call->other_party(request.this_dn);
  if (flow == consult && (!other || other->seat))
    return refuse(request, ErrorCode::wrong_state, "nobody can be asked from within a conference", now);
  if (call->party(request.destination))
    return refuse(request, ErrorCode::bad_request, "the destination is in the call already", now);
  if (!call->party(request.this_dn)->leg)
    return refuse(request, ErrorCode::wrong_state, "its phone is lent to a consult call", now);
  start(request, flow, {.call = call}, now);
}

// NOTIFY to the phone: needs no exchange of descriptions, only a phone that understands it.
void Control::beside(const tlib::Request& request, Suits suits, bool CtiControl::* needs, FlowFunction flow,
                     Time now) {
  Call* call = find_call(request, request.conn_id, suits, now);
  if (!call) return;
  if (!(settings_.options_of(request.this_dn).sip_cti_control.*needs))
    return refuse(
        request, ErrorCode::not_supported,
        fmt::format("sip-cti-control of {} does not allow {}", request.this_dn, name_of(request.name)), now);
  Party& party = *call->party(request.this_dn);
  if (!party.leg) return refuse(request, ErrorCode::wrong_state, "its phone is lent to a consult call", now);
  if (party.answering) return refuse(request, ErrorCode::busy, "it has been told to answer already", now);
  start(request, flow, {.call = call, .holds = false}, now);
}

void Control::release_call(const tlib::Request& request, Time now) {
  Call* call = find_call(request, request.conn_id, any, now);
  if (!call) return;
  const FlowId running = call->flow;
  if (const auto found = runs_.find(running); found != runs_.end()) found->second.run->stop();
  call->reference_id = request.reference_id;  // also of the end that stopping brings about
  start(request, release, {.call = call, .holds = false}, now);
  wake(running, now);
}

void Control::single_step_transfer(const tlib::Request& request, Time now) {
  Call* call = find_call(request, request.conn_id, speaks_now, now);
  if (!call || refuse_busy(request, *call, now)) return;
  if (call->party(request.destination))
    return refuse(request, ErrorCode::bad_request, "the destination is in the call already", now);
  const Party* other = call->other_party(request.this_dn);
  if (!other || other->seat) return start(request, single_step_transfer_seat, {.call = call}, now);
  const bool by_refer = settings_.options_of(other->dn).refer_enabled;
  start(request, by_refer ? single_step_transfer_refer : single_step_transfer_reinvite, {.call = call}, now);
}

// The consult call of this_dn and the call that it was made from, named by either or by none.
Control::Pair Control::find_pair(const tlib::Request& request, Suits suits, Time now) {
  Pair found;
  std::size_t pairs = 0;
  for (const auto key : board_.calls_of_dn(request.this_dn)) {
    Call* consulted = board_.call(key);
    if (consulted->previous_conn_id.empty() || !suits(*consulted->party(request.this_dn))) continue;
    for (const auto main_key : board_.calls_of_dn(request.this_dn)) {
      Call* main = board_.call(main_key);
      if (main->conn_id != consulted->previous_conn_id) continue;
      const auto names = [&](const std::string& conn_id) {
        return conn_id.empty() || conn_id == main->conn_id || conn_id == consulted->conn_id;
      };
      if (!names(request.conn_id) || !names(request.other_conn_id)) continue;
      ++pairs;
      found = {main, consulted};
    }
  }
  if (pairs == 1) return found;
  if (pairs > 1)
    refuse(request, ErrorCode::ambiguous, "several consult calls could be meant: name one by its conn_id",
           now);
  else if (board_.calls_of_dn(request.this_dn).empty())
    refuse(request, ErrorCode::unknown_call, fmt::format("{} has no call", request.this_dn), now);
  else
    refuse(request, ErrorCode::wrong_state,
           fmt::format("{} has no consult call for {}", request.this_dn, name_of(request.name)), now);
  return {};
}

// The agent speaks in the consult call and holds the main one. After AlternateCall it is the other way round:
// a transfer is completed from there as well, a conference wants the main call held.
void Control::with_consult_call(const tlib::Request& request, FlowFunction flow, Time now) {
  const Pair pair = find_pair(request, talks, now);
  if (!pair.main) return;
  if (refuse_busy(request, *pair.main, now) || refuse_busy(request, *pair.consulted, now)) return;
  const Party& main = *pair.main->party(request.this_dn);
  const Party& consult = *pair.consulted->party(request.this_dn);
  const bool alternated = flow == complete_transfer && speaks_now(main) && holds(consult);
  if (!(holds(main) && speaks_now(consult)) && !alternated)
    return refuse(request, ErrorCode::wrong_state, "the main call is not on hold", now);
  const Party* held = pair.main->other_party(request.this_dn);
  if (!held)
    return refuse(request, ErrorCode::wrong_state, "a conference cannot be transferred or joined", now);
  // The consult call may have been transferred to whoever waits in the main one.
  if (pair.consulted->party(held->dn))
    return refuse(request, ErrorCode::wrong_state, fmt::format("{} is in both calls", held->dn), now);
  start(request, flow, {.call = pair.main, .other = pair.consulted}, now);
}

void Control::reconnect_call(const tlib::Request& request, Time now) {
  const Pair pair = find_pair(request, any, now);
  if (!pair.main || refuse_busy(request, *pair.main, now)) return;
  const FlowId running = pair.consulted->flow;
  if (const auto found = runs_.find(running); found != runs_.end()) found->second.run->stop();
  start(request, reconnect, {.call = pair.main, .other = pair.consulted, .holds = false}, now);
  wake(running, now);
}

// Of two calls the one is active and the other one held.
void Control::alternate_call(const tlib::Request& request, Time now) {
  Call* active = find_call(request, request.conn_id, speaks_now, now);
  if (!active) return;
  Call* held = find_call(request, request.other_conn_id, holds, now);
  if (!held || refuse_busy(request, *active, now) || refuse_busy(request, *held, now)) return;
  start(request, alternate, {.call = active, .other = held}, now);
}

// A call that rings here shall ring there.
void Control::redirect_call(const tlib::Request& request, Time now) {
  Call* call = find_call(request, request.conn_id, rings_now, now);
  if (!call) return;
  if (call->party(request.destination))
    return refuse(request, ErrorCode::bad_request, "the destination is in the call already", now);
  Party* party = call->callee(request.this_dn);
  Leg* leg = party ? board_.leg(party->leg) : nullptr;
  if (!leg || leg->ended || leg->ending)
    return refuse(request, ErrorCode::wrong_state, "its phone does not ring any more", now);
  party->reference_id = request.reference_id;
  events_.leaves(*call, *party, true, now);
  if (const auto running = runs_.find(leg->flow); running != runs_.end()) {
    running->second.run->redirect(request.destination);
    return board_.end_leg(*leg, {{"Reason", "SIP;cause=302;text=\"Redirected\""}}, now);
  }
  board_.add_party(*call, {request.destination, PartyState::alerting, {}});
  call->to = request.destination;
  if (!board_.redirect(*call, request.destination, now))
    refuse(request, ErrorCode::destination_failed, "nobody is there", now);
}

}  // namespace sidetone::lab
