#include "labserver/flows/set_up.h"

#include <fmt/format.h>

namespace sidetone::lab {

namespace {
// Longer than anybody listens to a busy tone.
constexpr Duration busy_tone_max = std::chrono::seconds(30);
}  // namespace

Call& begin_call(FlowRun& f, const std::string& from, const std::string& to, tlib::CallType type) {
  Call& call = f.start_call(from, to, type);
  f.desk().board.add_party(call, {from, PartyState::dialing, {}});
  f.desk().board.add_party(call, {to, PartyState::alerting, {}});
  return call;
}

void caller_failed(FlowRun& f, int status) {
  f.fail(tlib::ErrorCode::phone_failed, status,
         fmt::format("the phone of {} did not take the call", f.request().this_dn));
}

Step<bool> destination_failed(FlowRun& f, Call& call, sip::SessionId caller, Woken woken, int status) {
  if (woken == Woken::stopped || !f.alive(caller)) {
    f.fail(tlib::ErrorCode::wrong_state, 0, "the caller left before the call was answered");
    co_return false;
  }
  if (call.outcome == CallOutcome::open) {
    call.outcome = CallOutcome::refused;
    call.status = status;
    f.desk().board.count_refused();
  }
  f.events().destination_busy(call, status, f.now());
  f.fail(tlib::ErrorCode::destination_failed, status, fmt::format("{} did not take the call", call.to));
  if (f.settings().busy_treatment) {
    const auto tone = co_await played(f, call, caller, f.settings().treatments.busy);
    if (tone) {
      call.treatment = true;
      f.desk().board.set_due(call, f.now() + busy_tone_max);
      co_return true;
    }
  }
  f.end(caller, status);
  co_return false;
}
Step<bool> called(FlowRun& f, Call& call, sip::SessionId caller, std::string to) {
  FlowRun::Invitation wish;
  wish.dn = to;
  wish.from = f.leg(caller)->dn;
  const auto callee = f.invite(call, wish);
  if (!callee) co_return co_await destination_failed(f, call, caller, Woken::ready, 480);
  call.party(to)->leg = *callee;
  sip::SessionId tone;
  if (f.options(wish.from).ring_tone_on_make_call) {
    const Woken rung = co_await f.ringing(*callee, f.settings().ring_max);
    const Leg* leg = f.leg(*callee);
    if (rung == Woken::ready && !leg->reply && !leg->ended)
      tone = co_await played(f, call, caller, f.settings().treatments.ringback);
  }
  const Woken woken = co_await f.reply(*callee, f.settings().ring_max);
  const Reply taken = f.take_reply(*callee);
  if (woken != Woken::ready || !taken.needs_ack) {
    f.end(*callee);
    if (tone) f.end(tone);
    co_return co_await destination_failed(f, call, caller, woken, taken.agreed() ? 488 : taken.status);
  }
  const Reply answer = co_await connected(f, *callee, taken.sdp, caller);
  if (tone) f.end(tone);
  if (!answer.agreed()) {
    f.end(*callee);
    f.end(caller);
    caller_failed(f, answer.status);
    co_return false;
  }
  f.desk().board.established(call, f.now());
  f.events().established(call, to, wish.from, f.now());
  f.ack(caller, {});
  co_return true;
}

}  // namespace sidetone::lab
