// How a call comes to be: routing, ringing, forking, the first offer and answer, refusals.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "labserver/relayed_headers.h"
#include "labserver/ring_limit.h"
#include "labserver/switchboard.h"
#include "sip/message/headers.h"

namespace sidetone::lab {

namespace {

sip::Response refusal(int status) {
  sip::Response response;
  response.status = status;
  return response;
}

// RFC 3261 §16.7 step 6, as far as one server needs it: 6xx beats all, then the lowest class, and within
// 4xx a contact that said something beats one that stayed silent.
int rank(int status) {
  if (status >= 600) return 0;
  if (status == 408) return 450;
  return status / 100 * 100;
}

// What the caller may be told of a callee's refusal. It can neither answer a challenge meant for us nor
// follow a redirection into the callee's address space.
int status_for_caller(const sip::SessionEnded& event) {
  switch (event.cause) {
    case sip::EndCause::refused: break;
    case sip::EndCause::timeout: return 408;
    case sip::EndCause::transport: return 503;
    default: return 480;
  }
  if (event.status == 401 || event.status == 407) return 502;
  if (event.status < 400 || event.status > 699) return 480;
  return event.status;
}

}  // namespace

const Route* Switchboard::route(std::string_view dn) const {
  const Route* best = nullptr;
  for (const auto& route : settings_.routes)
    if (dn.substr(0, route.prefix.size()) == route.prefix &&
        (!best || route.prefix.size() > best->prefix.size()))
      best = &route;
  return best;
}

std::vector<Switchboard::Target> Switchboard::targets(const std::string& dn, Time now) const {
  const Route* best = route(dn);
  std::vector<Target> found;
  if (best) {
    const auto host = best->host.find(':') == std::string::npos ? best->host : "[" + best->host + "]";
    auto uri = fmt::format("sip:{}@{}:{}", sip::escape_user(dn), host, best->port);
    if (best->transport != sip::Transport::udp)
      uri += best->transport == sip::Transport::tcp ? ";transport=tcp" : ";transport=tls";
    found.push_back({std::move(uri), {best->transport, best->host, best->port, {}, {}}});
    return found;
  }
  for (const auto& binding : registrar_.lookup(dn, now)) {
    const auto& flow = binding.flow;
    found.push_back(
        {binding.contact, {flow.transport, flow.remote.ip.to_string(), flow.remote.port, flow.socket, flow}});
    if (!settings_.fork) break;
  }
  return found;
}

void Switchboard::on(const sip::IncomingInvite& event, Time now) {
  const std::string from = dn_of_header(event.request->value(sip::HeaderId::from));
  if (settings_.challenge_invites)
    if (auto refused = registrar_.challenge(*event.request, from, true, now)) {
      static_cast<void>(stack_.reject(event.session, std::move(*refused), now));
      return;
    }
  const std::string to = dn_of_uri(event.request->request_uri());
  if (watcher_->is_unwanted(event, from, to, now)) {
    static_cast<void>(stack_.reject(event.session, refusal(487), now));
    return;
  }
  if (event.replaces && watcher_->takes_over(event, from, to, now)) return;
  const auto expected = watcher_->expected_in(from, to);
  Call& call = expected ? *this->call(*expected) : start_call(from, to, now);
  Leg& caller = add_leg(call, event.session, from);
  caller.heard = event.sdp;
  call.setup = {};
  call.setup.caller = event.session;
  call.setup.dn = to;
  call.setup.wants_offer = event.sdp.empty();
  if (!expected) {
    add_party(call, {from, PartyState::dialing, event.session});
    add_party(call, {to, PartyState::alerting, {}});
  }
  ring(call, event, now);
}

void Switchboard::ring(Call& call, const sip::IncomingInvite& event, Time now) {
  const auto contacts = targets(call.setup.dn, now);
  if (contacts.empty()) {
    refuse_caller(call, refusal(registrar_.knows(call.setup.dn) ? 480 : 404), now);
    return;
  }
  watcher_->dials(call, now);
  sip::Invite& invite = call.setup.invite;
  invite.account = account_;
  invite.sdp = event.sdp;
  // A callee's offer in a reliable response is of use only when it can go on the same way (RFC 6337 pattern
  // 4).
  invite.reliable_provisionals =
      !event.sdp.empty() ||
      (contacts.size() == 1 && event.request->lists(sip::HeaderId::supported, "100rel"));
  invite.headers = relayed_from_invite(*event.request);
  std::erase_if(invite.headers,
                [](const auto& header) { return iequals(header.name, "X-Genesys-CallUUID"); });
  invite.headers.push_back({"X-Genesys-CallUUID", call.uuid});
  if (const auto caller = sip::NameAddr::parse(event.request->value(sip::HeaderId::from))) {
    invite.from_uri = std::string(caller->uri.text);
    invite.from_display = plain_display(caller->display);
  }
  // Whom the caller meant; the Request-URI is where the phone is (RFC 3261 §8.1.1.2).
  if (const auto called = sip::NameAddr::parse(event.request->value(sip::HeaderId::to)))
    invite.to_uri = std::string(called->uri.text);
  if (!ring_callees(call, contacts, now)) refuse_caller(call, refusal(503), now);
}

bool Switchboard::ring_callees(Call& call, const std::vector<Target>& contacts, Time now) {
  auto& setup = call.setup;
  bool any = false;
  for (const auto& contact : contacts) {
    sip::Invite invite = setup.invite;
    invite.target = contact.uri;
    invite.next_hop = contact.next_hop;
    invite.headers.push_back(ring_limit(settings_));
    if (const auto session = stack_.invite(std::move(invite), now)) {
      any = true;
      setup.callees.push_back(*session);
      static_cast<void>(add_leg(call, *session, setup.dn).told.tell(setup.invite.sdp));
    } else {
      log_call(LogLevel::warning, call, describe(session.error()), now);
    }
  }
  if (any) set_due(call, now + settings_.ring_max);
  return any;
}

bool Switchboard::redirect(Call& call, std::string dn, Time now) {
  const auto contacts = targets(dn, now);
  auto& setup = call.setup;
  if (contacts.empty() || setup.answered_by || setup.callees.empty()) return false;
  const auto before = std::exchange(setup.callees, {});
  setup.dn = std::move(dn);
  setup.best_refusal.reset();
  setup.early_answer.clear();
  for (const auto session : before)
    end_leg(legs_.at(session), {{"Reason", "SIP;cause=302;text=\"Redirected\""}}, now);
  if (ring_callees(call, contacts, now)) return true;
  refuse_caller(call, refusal(503), now);
  return false;
}

void Switchboard::on(const sip::ProvisionalReceived& event, Time now) {
  Call* call = call_of(event.session);
  if (!call || event.status == 100 || call->setup.answered_by) return;  // 100: each hop's own
  auto& setup = call->setup;
  Leg* caller = leg(setup.caller);
  if (!caller || caller->ending) return;
  watcher_->rings(*call, event.session, now);
  sip::Provisional relayed;
  relayed.status = event.status;
  relayed.reason = event.reason;
  // With several contacts ringing there are as many early descriptions, but the caller's dialog can hold
  // one answer only (RFC 3261 §13.2.1): it hears ring-back of its own instead.
  if (setup.callees.size() == 1) relayed.sdp = event.sdp;
  relayed.reliable = event.reliable;
  if (!event.sdp.empty()) setup.early_answer = leg(event.session)->heard = event.sdp;
  if (!relayed.sdp.empty()) static_cast<void>(caller->told.tell(event.sdp));
  if (event.needs_prack) setup.unpracked = event.branch;
  relayed.headers.push_back({"X-Genesys-CallUUID", call->uuid});
  if (const auto sent = stack_.provisional(setup.caller, std::move(relayed), now); !sent)
    log_call(LogLevel::debug, *call, describe(sent.error()), now);
}

void Switchboard::on(const sip::Accepted& event, Time now) {
  Call* call = call_of(event.session);
  if (!call) return;
  auto& setup = call->setup;
  Leg& callee = legs_.at(event.session);
  Leg* caller = leg(setup.caller);
  if (setup.answered_by || !caller || caller->ended || caller->ending) {
    end_leg(callee, {}, now);  // it crossed our CANCEL, or lost the race of a fork
    return;
  }
  setup.answered_by = event.session;
  callee.confirmed = !event.needs_ack;
  if (!event.sdp.empty()) callee.heard = event.sdp;
  join(*caller, callee);
  if (Party* party = call->callee(setup.dn)) party->leg = event.session;
  end_callees(*call, event.session, {{"Reason", "SIP;cause=200;text=\"Call completed elsewhere\""}}, now);
  // An answer in a reliable response is not said again in the 2xx, but the caller may not have got that one
  // reliably.
  const auto& answer = event.sdp.empty() ? setup.early_answer : event.sdp;
  const auto accepted =
      stack_.accept(setup.caller, caller->told.tell(answer), {{"X-Genesys-CallUUID", call->uuid}}, now);
  if (!accepted) {
    log_call(LogLevel::info, *call, describe(accepted.error()), now);
    end_leg(callee, {}, now);
    return;
  }
  watcher_->connects(*call, now);
  if (call->outcome != CallOutcome::open) return;
  call->outcome = CallOutcome::answered;
  call->status = 200;
  ++counters_.answered;
}

void Switchboard::on(const sip::Confirmed& event, Time now) {
  Call* call = call_of(event.session);
  if (!call || call->setup.caller != event.session) return;
  Leg& caller = legs_.at(event.session);
  caller.confirmed = true;
  if (!event.sdp.empty()) caller.heard = event.sdp;
  Leg* callee = leg(call->setup.answered_by);
  if (callee && !callee->confirmed && !callee->ended && !callee->ending) {
    // RFC 3261 §13.2.1: the offer was in the 2xx, so its answer must be in the ACK.
    if (stack_.ack(callee->session, callee->told.tell(event.sdp), now))
      callee->confirmed = true;
    else
      end_leg(*callee, {}, now);
  }
  connect_if_confirmed(*call, now);
}

void Switchboard::connect_if_confirmed(Call& call, Time now) {
  const Leg* caller = leg(call.setup.caller);
  const Leg* callee = leg(call.setup.answered_by);
  if (!caller || !callee || !caller->confirmed || !callee->confirmed) return;
  if (caller->ended || callee->ended) return;
  call.setup.connected = true;
  established(call, now);
  watcher_->speaks(call, now);
}

// Two parties speak: their legs are watched from now on.
void Switchboard::established(Call& call, Time now) {
  log_call(LogLevel::info, call, "connected", now);
  call.connected = true;
  call.setup.connected = true;
  if (call.outcome == CallOutcome::open) {
    call.outcome = CallOutcome::answered;
    call.status = 200;
    ++counters_.answered;
  }
  if (settings_.leg_check_interval > Duration::zero())
    set_due(call, now + settings_.leg_check_interval);
  else
    set_due(call, std::nullopt);
}

void Switchboard::refuse_caller(Call& call, sip::Response response, Time now) {
  Leg* caller = leg(call.setup.caller);
  if (!caller || caller->ended || caller->ending) return;
  caller->ending = true;
  if (call.outcome == CallOutcome::open) {
    call.outcome = CallOutcome::refused;
    call.status = response.status;
    ++counters_.refused;
  }
  watcher_->refused(call, response.status, now);
  static_cast<void>(stack_.reject(caller->session, std::move(response), now));
}

void Switchboard::callee_refused(Call& call, const sip::SessionEnded& event, Time now) {
  auto& setup = call.setup;
  const Leg* caller = leg(setup.caller);
  if (setup.answered_by || !caller || caller->ended || caller->ending) return;
  sip::Response response = refusal(status_for_caller(event));
  if (event.message && !event.message->is_request() && event.status == response.status) {
    response.reason = std::string(event.message->reason());
    response.headers = relayed_from_response(*event.message);
  }
  if (!setup.best_refusal || rank(response.status) < rank(setup.best_refusal->status))
    setup.best_refusal = std::move(response);
  // RFC 3261 §16.7 step 5: a 6xx speaks for all of the callee's places.
  if (setup.best_refusal->status >= 600) end_callees(call, {}, {}, now);
  if (!rings(call)) refuse_caller(call, *setup.best_refusal, now);
}

// Some callee may still answer.
bool Switchboard::rings(const Call& call) {
  return std::any_of(call.setup.callees.begin(), call.setup.callees.end(), [&](sip::SessionId session) {
    const Leg* callee = leg(session);
    return callee && !callee->ended && !callee->ending;
  });
}

void Switchboard::end_callees(Call& call, sip::SessionId but, const std::vector<sip::ExtraHeader>& headers,
                              Time now) {
  for (const auto session : call.setup.callees)
    if (session != but)
      if (Leg* callee = leg(session)) end_leg(*callee, headers, now);
}

}  // namespace sidetone::lab
