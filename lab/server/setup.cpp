// How a call comes to be: routing, ringing, forking, the first offer and answer, refusals.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "labserver/relayed_headers.h"
#include "labserver/switchboard.h"
#include "sip/message/headers.h"

namespace sidetone::lab {

namespace {

sip::Response refusal(int status) {
  sip::Response response;
  response.status = status;
  return response;
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return text;
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

std::vector<Switchboard::Target> Switchboard::targets(const std::string& dn, Time now) const {
  const Route* best = nullptr;
  for (const auto& route : settings_.routes)
    if (dn.compare(0, route.prefix.size(), route.prefix) == 0 &&
        (!best || route.prefix.size() > best->prefix.size()))
      best = &route;
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
  Call fresh;
  fresh.key = keys_.next();
  fresh.uuid = upper(random_.token(32));
  fresh.from = from;
  fresh.to = dn_of_uri(event.request->request_uri());
  fresh.caller.session = event.session;
  fresh.wants_offer = event.sdp.empty();
  fresh.started = now;
  Call& call = calls_.emplace(fresh.key, std::move(fresh)).first->second;
  by_session_.emplace(event.session, call.key);
  ++counters_.calls;
  ring(call, event, now);
}

void Switchboard::ring(Call& call, const sip::IncomingInvite& event, Time now) {
  const auto contacts = targets(call.to, now);
  if (contacts.empty()) {
    refuse_caller(call, refusal(registrar_.knows(call.to) ? 480 : 404), now);
    return;
  }
  sip::Invite invite;
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
  for (const auto& contact : contacts) {
    invite.target = contact.uri;
    invite.next_hop = contact.next_hop;
    if (const auto session = stack_.invite(invite, now)) {
      call.callees.push_back({});
      call.callees.back().session = *session;
      by_session_.emplace(*session, call.key);
    } else {
      log_call(LogLevel::warning, call, describe(session.error()), now);
    }
  }
  if (call.callees.empty())
    refuse_caller(call, refusal(503), now);
  else
    set_due(call, now + settings_.ring_max);
}

void Switchboard::on(const sip::ProvisionalReceived& event, Time now) {
  Call* call = call_of(event.session);
  if (!call || event.status == 100 || call->answered_by || call->caller.ending)
    return;  // 100: each hop's own
  sip::Provisional relayed;
  relayed.status = event.status;
  relayed.reason = event.reason;
  // With several contacts ringing there are as many early descriptions, but the caller's dialog can hold
  // one answer only (RFC 3261 §13.2.1): it hears ring-back of its own instead.
  if (call->callees.size() == 1) relayed.sdp = event.sdp;
  relayed.reliable = event.reliable;
  if (!event.sdp.empty()) call->early_answer = event.sdp;
  if (event.needs_prack) call->unpracked = event.branch;
  relayed.headers.push_back({"X-Genesys-CallUUID", call->uuid});
  if (const auto sent = stack_.provisional(call->caller.session, std::move(relayed), now); !sent)
    log_call(LogLevel::debug, *call, describe(sent.error()), now);
}

void Switchboard::on(const sip::Accepted& event, Time now) {
  Call* call = call_of(event.session);
  if (!call) return;
  Leg& leg = *call->leg(event.session);
  if (call->answered_by || call->caller.ended || call->caller.ending) {
    end_leg(leg, {}, now);  // it crossed our CANCEL, or lost the race of a fork
    return;
  }
  call->answered_by = event.session;
  leg.confirmed = !event.needs_ack;
  end_other_callees(*call, event.session, {{"Reason", "SIP;cause=200;text=\"Call completed elsewhere\""}},
                    now);
  // An answer in a reliable response is not said again in the 2xx, but the caller may not have got that one
  // reliably.
  const auto& answer = event.sdp.empty() ? call->early_answer : event.sdp;
  const auto accepted =
      stack_.accept(call->caller.session, answer, {{"X-Genesys-CallUUID", call->uuid}}, now);
  if (!accepted) {
    log_call(LogLevel::info, *call, describe(accepted.error()), now);
    end_leg(leg, {}, now);
    return;
  }
  call->outcome = CallOutcome::answered;
  call->status = 200;
  ++counters_.answered;
}

void Switchboard::on(const sip::Confirmed& event, Time now) {
  Call* call = call_of(event.session);
  if (!call || call->caller.session != event.session) return;
  call->caller.confirmed = true;
  Leg* callee = call->answered_leg();
  if (callee && !callee->confirmed && !callee->ended && !callee->ending) {
    // RFC 3261 §13.2.1: the offer was in the 2xx, so its answer must be in the ACK.
    if (stack_.ack(callee->session, event.sdp, now))
      callee->confirmed = true;
    else
      end_leg(*callee, {}, now);
  }
  if (call->established()) established(*call, now);
}

void Switchboard::established(Call& call, Time now) {
  log_call(LogLevel::info, call, "connected", now);
  if (settings_.leg_check_interval > Duration::zero())
    set_due(call, now + settings_.leg_check_interval);
  else
    set_due(call, std::nullopt);
}

void Switchboard::refuse_caller(Call& call, sip::Response response, Time now) {
  if (call.caller.ended || call.caller.ending) return;
  call.caller.ending = true;
  if (call.outcome == CallOutcome::open) {
    call.outcome = CallOutcome::refused;
    call.status = response.status;
    ++counters_.refused;
  }
  static_cast<void>(stack_.reject(call.caller.session, std::move(response), now));
}

void Switchboard::callee_refused(Call& call, const sip::SessionEnded& event, Time now) {
  if (call.answered_by || call.caller.ended || call.caller.ending) return;
  sip::Response response = refusal(status_for_caller(event));
  if (event.message && !event.message->is_request() && event.status == response.status) {
    response.reason = std::string(event.message->reason());
    response.headers = relayed_from_response(*event.message);
  }
  if (!call.best_refusal || rank(response.status) < rank(call.best_refusal->status))
    call.best_refusal = std::move(response);
  // RFC 3261 §16.7 step 5: a 6xx speaks for all of the callee's places.
  if (call.best_refusal->status >= 600) end_other_callees(call, {}, {}, now);
  if (!call.rings()) refuse_caller(call, *call.best_refusal, now);
}

void Switchboard::end_other_callees(Call& call, sip::SessionId but, std::vector<sip::ExtraHeader> headers,
                                    Time now) {
  for (auto& callee : call.callees)
    if (callee.session != but) end_leg(callee, headers, now);
}

}  // namespace sidetone::lab
