// Offers inside a call: a re-INVITE or UPDATE on one leg becomes a re-INVITE on the other one, and the
// answer or refusal walks back. One exchange per call at a time: an offer that comes while one is under way
// gets 491 (RFC 3261 §14.2), whichever leg it comes from, and its sender tries again.
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
  Call* call = call_of(event.session);
  if (!call) return;
  Leg* other = call->opposite(event.session);
  const bool possible = call->established() && other && !other->ending && !call->exchange;
  if (!possible || !stack_.offer(other->session, event.sdp, now)) {
    ++counters_.offers_refused;
    static_cast<void>(stack_.refuse_offer(event.session, refusal(491), now));
    return;
  }
  call->exchange = OfferExchange{event.session, other->session, event.sdp.empty(), false};
  ++counters_.offers_relayed;
}

void Switchboard::on(const sip::OfferAnswered& event, Time now) {
  Call* call = call_of(event.session);
  if (!call) return;
  if (!call->exchange || call->exchange->to != event.session) {
    // Whoever asked is gone, and so will this leg be; its offer still wants an answer (RFC 3261 §14.1).
    if (event.needs_ack) end_leg(*call->leg(event.session), {}, now);
    return;
  }
  const auto answered = stack_.answer_offer(call->exchange->from, event.sdp, now);
  if (!answered) log_call(LogLevel::warning, *call, describe(answered.error()), now);
  if (event.needs_ack && answered) {
    call->exchange->waits_for_ack = true;
    return;
  }
  call->exchange.reset();
  // Without the ACK's answer the other side would repeat its 200 and give up: better end it in order.
  if (event.needs_ack) end_leg(*call->leg(event.session), {}, now);
}

void Switchboard::on(const sip::OfferConfirmed& event, Time now) {
  Call* call = call_of(event.session);
  if (call && call->unpracked && call->caller.session == event.session && call->callees.size() == 1) {
    const auto branch = std::exchange(call->unpracked, {});
    if (!stack_.prack(call->callees.front().session, branch, event.sdp, now))
      log_call(LogLevel::warning, *call, "the early answer came too late", now);
    return;
  }
  if (!call || !call->exchange || call->exchange->from != event.session) return;
  if (!call->exchange->waits_for_ack) return;
  const auto to = call->exchange->to;
  call->exchange.reset();
  if (!stack_.ack(to, event.sdp, now)) log_call(LogLevel::warning, *call, "the answer came too late", now);
}

void Switchboard::on(const sip::OfferFailed& event, Time now) {
  Call* call = call_of(event.session);
  if (!call || !call->exchange || call->exchange->to != event.session) return;
  const bool relayable =
      event.status >= 400 && event.status <= 699 && event.status != 401 && event.status != 407;
  refuse_exchange(*call, relayable ? event.status : 500, now);
}

// The callee's own re-INVITE crossed the one that we relayed. The 491 goes back to whoever made the offer:
// the party itself waits and retries (RFC 3261 §14.1), a server in the middle has nothing to say.
void Switchboard::on(const sip::OfferGlare& event, Time now) {
  Call* call = call_of(event.session);
  if (!call || !call->exchange || call->exchange->to != event.session) return;
  refuse_exchange(*call, 491, now);
}

// A leg whose phone takes no UPDATE: what it was told last is told again.
void Switchboard::on(const sip::RefreshDue& event, Time now) {
  if (const Call* call = call_of(event.session); call && !call->exchange)
    static_cast<void>(stack_.repeat_offer(event.session, now));
}

void Switchboard::refuse_exchange(Call& call, int status, Time now) {
  ++counters_.offers_refused;
  static_cast<void>(stack_.refuse_offer(call.exchange->from, refusal(status), now));
  call.exchange.reset();
}

}  // namespace sidetone::lab
