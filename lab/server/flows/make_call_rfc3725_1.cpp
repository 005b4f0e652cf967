// MakeCall, make-call-rfc3725-flow=1 (RFC 3725 §4.1): the caller's phone makes the offer in its 200 and gets
// its ACK only when the callee has answered, so that no re-INVITE is needed. The phone repeats its 200 until
// then, for 64*T1 at most: nobody there by then means silence, and the end.
#include "labserver/flows/flows.h"
#include "labserver/flows/set_up.h"
#include "labserver/silence.h"

namespace sidetone::lab {

namespace {

// The media server answers the caller's offer.
Step<bool> busy_tone(FlowRun& f, Call& call, sip::SessionId caller, const std::string& offer) {
  if (!f.settings().busy_treatment || !f.desk().board.route(f.settings().treatments.busy)) co_return false;
  FlowRun::Invitation wish;
  wish.dn = f.settings().treatments.busy;
  wish.from = call.from;
  wish.sdp = offer;
  const auto tone = f.invite(call, wish);
  if (!tone) co_return false;
  const Woken woken = co_await f.reply(*tone);
  const Reply taken = f.take_reply(*tone);
  if (woken != Woken::ready || !taken.agreed() || taken.sdp.empty() || !f.alive(caller)) {
    f.end(*tone);
    co_return false;
  }
  f.ack(caller, taken.sdp);
  f.join(caller, *tone);
  co_return true;
}

// The callee has refused, or not answered within 64*T1: the caller, whose 200 still waits, hears so.
Step<bool> given_up(FlowRun& f, Call& call, sip::SessionId caller, Woken woken, const std::string& offer,
                    int status) {
  const bool silent = woken == Woken::timeout;
  if (!f.alive(caller) || woken == Woken::stopped || silent) {
    f.ack(caller, silent_answer(offer));
    if (silent) refused(f, call, 408);
    f.fail(tlib::ErrorCode::wrong_state, 0, "the caller left before the call was answered");
    f.end(caller);
    co_return false;
  }
  if (co_await busy_tone(f, call, caller, offer)) {
    refused(f, call, status);
    call.treatment = true;
    f.desk().board.set_due(call, f.now() + busy_tone_max);
    co_return true;
  }
  f.ack(caller, offer);  // its own words: what SIP Server answers without a media server
  refused(f, call, status);
  f.end(caller, status);
  co_return false;
}

}  // namespace

Flow make_call_rfc3725_1(FlowRun& f) {
  const std::string from = f.dn(), to = f.request().destination;
  Call& call = begin_call(f, from, to, tlib::CallType::unknown);
  FlowRun::Invitation to_caller;
  to_caller.dn = from;
  to_caller.from = to;
  to_caller.originates = true;
  const auto caller = f.invite(call, to_caller);
  if (!caller) {
    caller_failed(f, 480);
    co_return;
  }
  call.party(from)->leg = *caller;
  f.watch(*caller);
  f.events().dials(call, from, f.now());
  const Woken picked_up = co_await f.reply(*caller, f.settings().ring_max);
  const Reply offer = f.take_reply(*caller);
  if (picked_up != Woken::ready || !offer.needs_ack) {
    caller_failed(f, offer.agreed() ? 488 : offer.status);
    co_return;
  }

  // Its count began before ours.
  const Duration phone_repeats = 63 * f.settings().timers.t1;
  FlowRun::Invitation to_callee;
  to_callee.dn = to;
  to_callee.from = from;
  to_callee.sdp = offer.sdp;
  const auto callee = f.invite(call, to_callee);
  if (callee) call.callee(to)->leg = *callee;
  Woken woken = Woken::ready;
  Reply taken{480, {}, false};
  if (callee) {
    woken = co_await f.reply(*callee, phone_repeats);
    taken = f.take_reply(*callee);
  }
  if (woken != Woken::ready || !taken.agreed() || taken.sdp.empty()) {
    if (callee) f.end(*callee);
    co_await given_up(f, call, *caller, woken, offer.sdp, taken.agreed() ? 488 : taken.status);
    co_return;
  }
  f.ack(*caller, taken.sdp);
  f.join(*caller, *callee);
  f.desk().board.established(call, f.now());
  f.events().established(call, to, from, f.now());
  f.succeed();
}

}  // namespace sidetone::lab
