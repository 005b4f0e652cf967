#include "labserver/control.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "labserver/flows/flows.h"
#include "tlib/request.h"

namespace sidetone::lab {

Control::Control(const ServerSettings& settings, sip::Stack& stack, Registrar& registrar, Switchboard& board,
                 sip::AccountId account, Random& random, LogSink& log)
    : settings_(settings),
      stack_(stack),
      registrar_(registrar),
      board_(board),
      events_(registrar, board, log),
      desk_{settings, stack, registrar, board, events_, account, random, awaited_} {
  board.set_watcher(*this);
}

// --- running flows

void Control::start(const tlib::Request& request, FlowFunction flow, Concerns concerns, Time now) {
  if (runs_.size() >= flows_max)
    return refuse(request, tlib::ErrorCode::busy, "too many requests are under way", now);
  const FlowId id = flow_ids_.next();
  FlowRun& run =
      *runs_.emplace(id, Running{std::make_unique<FlowRun>(desk_, id, request, now), {}}).first->second.run;
  run.set_calls(concerns.call ? concerns.call->key : CallKey{},
                concerns.other ? concerns.other->key : CallKey{});
  if (concerns.invite) {
    run.be_quiet();
    run.take_invite(*concerns.invite);
  }
  if (concerns.holds)
    for (Call* call : {concerns.call, concerns.other})
      if (call) run.hold_call(*call);
  run.start(flow(run));
  after(id, now);
}

void Control::wake(FlowId flow, Time now) {
  const auto found = runs_.find(flow);
  if (found == runs_.end() || !found->second.run->waits()) return;
  if (found->second.run->wake(now)) after(flow, now);
}

void Control::stir(Call& call, Time now) {
  const CallKey key = call.key;
  const auto bystanders = call.bystanders;
  wake(call.flow, now);
  for (const auto flow : bystanders)
    if (board_.call(key)) wake(flow, now);
}

void Control::after(FlowId flow, Time now) {
  const auto found = runs_.find(flow);
  if (found == runs_.end()) return;
  auto& [run, due] = found->second;
  const auto limit = run->done() ? std::nullopt : run->limit();
  if (due != limit) {
    if (due) due_.erase({*due, flow});
    if (limit) due_.insert({*limit, flow});
    due = limit;
  }
  const auto calls = run->held_calls();
  if (run->done()) {
    const auto ended = std::move(run);
    runs_.erase(found);
    // Each flow says how it ended; one that forgot it has failed.
    ended->fail(tlib::ErrorCode::phone_failed, 0, "the request came to nothing");
    ended->release(now);
    // It was overtaken, such as by a release of the other side: its client still waits for a word.
    const auto& asked = ended->request();
    if (events_.end_counting(asked.reference_id, ended->events_before()) == 0 && !ended->is_quiet())
      refuse(asked, tlib::ErrorCode::wrong_state, "the call was over, or changed, before this was done", now);
  }
  for (const auto key : calls)
    if (Call* call = board_.call(key))
      for (const auto bystander : std::vector(call->bystanders)) wake(bystander, now);
}

void Control::on_time(Time now) {
  while (!due_.empty() && due_.begin()->first <= now) {
    const FlowId flow = due_.begin()->second;
    // A limit that has passed wakes its flow; whatever else it waits for has a later one.
    wake(flow, now);
  }
}

std::optional<Deadline> Control::deadline() const {
  if (due_.empty()) return std::nullopt;
  return Deadline{due_.begin()->first, "flow_limit"};
}

// --- what the stack says to legs that a flow has

bool Control::handle(const sip::Event& event, Time now) {
  return std::visit(
      [&](const auto& value) {
        if constexpr (requires { on(value, now); })
          return on(value, now);
        else
          return false;
      },
      event);
}

void Control::replied(Leg& leg, Reply reply, Time now) {
  if (!reply.sdp.empty()) leg.heard = reply.sdp;
  leg.reply = std::move(reply);
  wake(leg.flow, now);
}

bool Control::on(const sip::ProvisionalReceived& event, Time now) {
  Leg* leg = board_.leg(event.session);
  if (!leg || !leg->flow) return false;
  if (event.status == 100) return true;
  leg->rings = true;
  if (event.status == 180 && std::exchange(leg->talk_when_ringing, false))
    static_cast<void>(stack_.request(event.session, sip::Method::notify,
                                     {{"Event", "talk"}, {"Subscription-State", "active"}}, {}, {}, now));
  rings(*board_.call(leg->call), event.session, now);
  wake(leg->flow, now);
  return true;
}

bool Control::on(const sip::Accepted& event, Time now) {
  Leg* leg = board_.leg(event.session);
  if (!leg || !leg->flow) return false;
  if (leg->ending) return true;
  leg->confirmed = !event.needs_ack;
  rings(*board_.call(leg->call), event.session, now);  // if its 180 was lost, or never sent
  replied(*leg, {200, event.sdp, event.needs_ack}, now);
  return true;
}

bool Control::on(const sip::Confirmed& event, Time now) {
  Leg* leg = board_.leg(event.session);
  if (!leg || !leg->flow) return false;
  leg->confirmed = true;
  wake(leg->flow, now);
  return true;
}

bool Control::on(const sip::OfferReceived& event, Time now) {
  const Leg* leg = board_.leg(event.session);
  if (!leg || !leg->flow) return false;
  sip::Response refusal;
  refusal.status = 491;
  static_cast<void>(stack_.refuse_offer(event.session, std::move(refusal), now));
  return true;
}

// The end of an offer of its phone, for whoever waits to make one.
bool Control::on(const sip::OfferConfirmed& event, Time now) {
  Leg* leg = board_.leg(event.session);
  if (!leg || !leg->flow) return false;
  ++leg->offers_confirmed;
  wake(leg->flow, now);
  return false;
}

bool Control::on(const sip::OfferAnswered& event, Time now) {
  Leg* leg = board_.leg(event.session);
  if (!leg || !leg->flow) return false;
  replied(*leg, {200, event.sdp, event.needs_ack}, now);
  return true;
}

bool Control::on(const sip::OfferFailed& event, Time now) {
  Leg* leg = board_.leg(event.session);
  if (!leg || !leg->flow) return false;
  replied(*leg, {event.status, {}, false}, now);
  return true;
}

bool Control::on(const sip::OfferGlare& event, Time) {
  const Leg* leg = board_.leg(event.session);
  return leg && leg->flow;
}

// After the pause that RFC 3261 §14.1 wants, the same once more.
bool Control::on(const sip::OfferRetryDue& event, Time now) {
  Leg* leg = board_.leg(event.session);
  if (!leg || !leg->flow) return false;
  const auto sent = leg->acks_late ? stack_.offer_unacknowledged(event.session, leg->offered, now)
                                   : stack_.offer(event.session, leg->offered, now);
  if (!sent) replied(*leg, {491, {}, false}, now);
  return true;
}

bool Control::on(const sip::RequestFinished& event, Time now) {
  const auto asked = awaited_.requests.extract(event.id);
  if (asked.empty()) return false;
  if (const auto found = runs_.find(asked.mapped()); found != runs_.end())
    found->second.run->request_finished(event.id, event.status);
  wake(asked.mapped(), now);
  return true;
}

bool Control::on(const sip::ReferProgress& event, Time now) {
  const auto found = awaited_.refers.find(event.id);
  if (found == awaited_.refers.end()) return false;
  const FlowId flow = found->second;
  if (const auto running = runs_.find(flow); running != runs_.end()) running->second.run->refer_told(event);
  if (event.finished) awaited_.refers.erase(event.id);
  wake(flow, now);
  return true;
}

// --- what the switchboard says

std::optional<CallKey> Control::expected_in(const std::string& from, const std::string& to) {
  const auto expected = awaited_.invites.extract({from, to});
  if (expected.empty()) return std::nullopt;
  const auto running = runs_.find(expected.mapped());
  if (running == runs_.end()) return std::nullopt;
  return running->second.run->take_invite();
}

bool Control::is_unwanted(const sip::IncomingInvite& event, const std::string& from, const std::string& to,
                          Time now) {
  // RFC 3892 §2.2: what a REFER has caused says so.
  if (event.request->value(sip::HeaderId::referred_by).empty()) return false;
  const auto unwanted = awaited_.unwanted.extract({from, to});
  return !unwanted.empty() && unwanted.mapped() > now;
}

bool Control::takes_over(const sip::IncomingInvite& event, const std::string& from, const std::string& to,
                         Time now) {
  const Leg* replaced = board_.leg(event.replaces);
  Call* call = replaced ? board_.call(replaced->call) : nullptr;
  if (!call || !replaced->peer || event.sdp.empty()) return false;
  // Who is in the call already, and not replaced, would be in it twice.
  if (const Party* party = call->party(from); party && party->leg != event.replaces) return false;
  const auto expected = awaited_.invites.extract({from, to});
  FlowId flow = expected.empty() ? FlowId{} : expected.mapped();
  if (const auto running = runs_.find(flow); running != runs_.end() && call->flow == flow) {
    running->second.run->take_invite(event);
    wake(flow, now);
    return true;
  }
  if (call->flow || call->exchange) {
    sip::Response refusal;
    refusal.status = 480;  // who asks may try again, unlike after a 486
    static_cast<void>(stack_.reject(event.session, std::move(refusal), now));
    return true;
  }
  // No desktop has asked: a phone transfers by itself (RFC 5589 §7).
  tlib::Request nobodys;
  nobodys.this_dn = from;
  start(nobodys, take_over, {.call = call, .invite = &event}, now);
  return true;
}

void Control::dials(Call& call, Time now) {
  const Leg* caller = board_.leg(call.setup.caller);
  Party* party = caller ? call.party(caller->dn) : nullptr;
  if (party && party->state == PartyState::dialing) {
    party->leg = caller->session;
    events_.dials(call, party->dn, now);
  }
  stir(call, now);
}

void Control::rings(Call& call, sip::SessionId session, Time now) {
  Leg* leg = board_.leg(session);
  if (!leg) return;
  leg->rings = true;
  if (!leg->flow) stir(call, now);
  Party* party = call.callee(leg->dn);
  if (!party || party->state != PartyState::alerting) return;
  if (!party->leg) party->leg = session;
  events_.rings(call, party->dn, now);
}

void Control::connects(Call& call, Time now) {
  stir(call, now);
  rings(call, call.setup.answered_by, now);  // if its 180 was lost, or never sent
  const Leg* callee = board_.leg(call.setup.answered_by);
  const Leg* caller = board_.leg(call.setup.caller);
  if (callee && caller) events_.established(call, callee->dn, caller->dn, now);
  stir(call, now);
}

void Control::speaks(Call& call, Time now) { stir(call, now); }

void Control::exchange_over(Call& call, Time now) { stir(call, now); }

void Control::refused(Call& call, int status, Time now) {
  events_.destination_busy(call, status, now);
  stir(call, now);
}

void Control::leg_over(Call& call, const Leg& leg, const sip::SessionEnded& event, Time now) {
  const CallKey key = call.key;
  if (Party* party = call.party_of(leg.session))
    events_.leaves(call, *party, event.cause == sip::EndCause::refused, now);
  if (const auto found = runs_.find(leg.flow); found != runs_.end()) {
    Leg& mine = *board_.leg(leg.session);
    const int status = event.status >= 300 ? event.status : event.cause == sip::EndCause::timeout ? 408 : 487;
    if (!mine.reply || mine.reply->needs_ack) mine.reply = Reply{status, {}, false};
    found->second.run->leg_over(leg.session);
    wake(leg.flow, now);
  }
  if (Call* rest = board_.call(key)) stir(*rest, now);
}

void Control::leaves(Call& call, Party& party, Time now) { events_.leaves(call, party, false, now); }

void Control::over(const std::vector<FlowId>& bystanders, Time now) {
  for (const auto flow : bystanders) wake(flow, now);
}

void Control::service_changed(const std::string& dn, bool in_service, Time now) {
  if (settings_.options_of(dn).use_register_for_service_state) events_.service(dn, in_service, now);
}

}  // namespace sidetone::lab
