// Offers inside a call: a re-INVITE or UPDATE on one leg becomes a re-INVITE on the other one, and the
// answer or refusal walks back. One exchange per call at a time: an offer that comes while one is under way
// gets 491 (RFC 3261 §14.2), whichever leg it comes from, and its sender tries again.
#include "labserver/silence.h"
#include "labserver/switchboard.h"

namespace sidetone::lab {

namespace {
sip::Response refusal(int status, std::string reason = {}) {
  sip::Response response;
  response.status = status;
  response.reason = std::move(reason);
  return response;
}
}  // namespace

void Switchboard::on(const sip::OfferReceived& event, Time now) {
  Leg* from = leg(event.session);
  if (!from) return;
  Call& call = calls_.at(from->call);
  Leg* other = leg(from->peer);
  if (call.connected && !other && !from->ending && !from->flow) return answer_alone(*from, event.sdp, now);
  // An offer to the caller while the callee still rings goes nowhere: it has one answer only.
  const bool possible =
      call.connected && other && !other->ended && !other->ending && !other->flow && !call.exchange;
  if (!possible || !stack_.offer(other->session, other->told.tell(event.sdp), now)) {
    ++counters_.offers_refused;
    static_cast<void>(stack_.refuse_offer(event.session, refusal(491), now));
    return;
  }
  if (!event.sdp.empty()) from->heard = event.sdp;
  call.exchange = OfferExchange{event.session, other->session, event.sdp.empty(), false};
  ++counters_.offers_relayed;
}

// Nobody is at the other end, such as while the call is on hold with silence.
void Switchboard::answer_alone(Leg& leg, const std::string& offer, Time now) {
  if (!offer.empty()) leg.heard = offer;
  leg.told.own();
  const auto answer = leg.told.tell(offer.empty() ? leg.told.last() : silent_answer(offer));
  if (answer.empty() || !stack_.answer_offer(leg.session, answer, now)) {
    ++counters_.offers_refused;
    static_cast<void>(stack_.refuse_offer(leg.session, refusal(488), now));
  }
}

void Switchboard::on(const sip::OfferAnswered& event, Time now) {
  Call* call = call_of(event.session);
  if (!call) return;
  Leg& from = legs_.at(event.session);
  if (!event.sdp.empty()) from.heard = event.sdp;
  if (!call->exchange || call->exchange->to != event.session) {
    // Whoever asked is gone; an offer still wants its answer, and any 2xx its ACK (RFC 3261 §14.1).
    if (event.needs_ack)
      static_cast<void>(stack_.ack(
          event.session, from.acks_late ? std::string{} : from.told.tell(silent_answer(event.sdp)), now));
    return;
  }
  Leg* asker = leg(call->exchange->from);
  const auto answered = stack_.answer_offer(call->exchange->from, asker->told.tell(event.sdp), now);
  if (!answered) log_call(LogLevel::warning, *call, describe(answered.error()), now);
  if (event.needs_ack && answered) {
    call->exchange->waits_for_ack = true;
    return;
  }
  call->exchange.reset();
  // Without the ACK's answer the other side would repeat its 200 and give up: better end it in order.
  if (event.needs_ack) end_leg(from, {}, now);
  watcher_->exchange_over(*call, now);
}

void Switchboard::on(const sip::OfferConfirmed& event, Time now) {
  Call* call = call_of(event.session);
  if (!call) return;
  Leg& from = legs_.at(event.session);
  if (!event.sdp.empty()) from.heard = event.sdp;
  auto& setup = call->setup;
  if (setup.unpracked && setup.caller == event.session && setup.callees.size() == 1) {
    const auto branch = std::exchange(setup.unpracked, {});
    Leg& callee = legs_.at(setup.callees.front());
    if (!stack_.prack(callee.session, branch, callee.told.tell(event.sdp), now))
      log_call(LogLevel::warning, *call, "the early answer came too late", now);
    return;
  }
  if (!call->exchange || call->exchange->from != event.session) return;
  if (!call->exchange->waits_for_ack) return;
  Leg* to = leg(call->exchange->to);
  call->exchange.reset();
  if (!to || !stack_.ack(to->session, to->told.tell(event.sdp), now))
    log_call(LogLevel::warning, *call, "the answer came too late", now);
  watcher_->exchange_over(*call, now);
}

void Switchboard::on(const sip::OfferFailed& event, Time now) {
  Call* call = call_of(event.session);
  if (!call || !call->exchange || call->exchange->to != event.session) return;
  const bool relayable =
      event.status >= 400 && event.status <= 699 && event.status != 401 && event.status != 407;
  refuse_exchange(*call, relayable ? event.status : 500, now);
  watcher_->exchange_over(*call, now);
}

// The callee's own re-INVITE crossed the one that we relayed. The 491 goes back to whoever made the offer:
// the party itself waits and retries (RFC 3261 §14.1), a server in the middle has nothing to say.
void Switchboard::on(const sip::OfferGlare& event, Time now) {
  Call* call = call_of(event.session);
  if (!call || !call->exchange || call->exchange->to != event.session) return;
  refuse_exchange(*call, 491, now);
  watcher_->exchange_over(*call, now);
}

// A leg whose phone takes no UPDATE: what it was told last is told again.
void Switchboard::on(const sip::RefreshDue& event, Time now) {
  Leg* due = leg(event.session);
  if (!due) return;
  if (due->flow || calls_.at(due->call).exchange)
    due->refresh_due = true;
  else
    static_cast<void>(stack_.repeat_offer(event.session, now));
}

void Switchboard::refuse_exchange(Call& call, int status, Time now) {
  ++counters_.offers_refused;
  static_cast<void>(stack_.refuse_offer(call.exchange->from, refusal(status), now));
  call.exchange.reset();
}

}  // namespace sidetone::lab
