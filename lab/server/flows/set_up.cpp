#include "labserver/flows/set_up.h"

#include <fmt/format.h>

#include "labserver/silence.h"

namespace sidetone::lab {

Call& begin_call(FlowRun& f, const std::string& from, const std::string& to, tlib::CallType type) {
  Call& call = f.start_call(from, to, type);
  f.desk().board.add_party(call, {from, PartyState::dialing, {}});
  f.desk().board.add_party(call, {to, PartyState::alerting, {}});
  return call;
}

Step<sip::SessionId> caller_waits(FlowRun& f, Call& call) {
  FlowRun::Invitation wish;
  wish.dn = call.from;
  wish.from = call.to;  // so that the phone shows whom it is to speak with
  wish.sdp = placeholder_offer(call.key.value);
  wish.originates = true;
  const auto caller = f.invite(call, wish);
  if (!caller) {
    caller_failed(f, 480);
    co_return sip::SessionId{};
  }
  call.party(call.from)->leg = *caller;
  f.watch(*caller);
  f.events().dials(call, call.from, f.now());
  const Woken woken = co_await f.reply(*caller, f.settings().ring_max);
  const Reply taken = f.take_reply(*caller);
  if (woken != Woken::ready || !taken.agreed()) {
    caller_failed(f, taken.status);
    co_return sip::SessionId{};
  }
  co_return *caller;
}

void caller_failed(FlowRun& f, int status) {
  f.fail(tlib::ErrorCode::phone_failed, status,
         fmt::format("the phone of {} did not take the call", f.request().this_dn));
}

void refused(FlowRun& f, Call& call, int status) {
  if (call.outcome == CallOutcome::open) {
    call.outcome = CallOutcome::refused;
    call.status = status;
    f.desk().board.count_refused();
  }
  f.events().destination_busy(call, status, f.now());
  f.fail(tlib::ErrorCode::destination_failed, status, fmt::format("{} did not take the call", call.to));
}

Step<bool> destination_failed(FlowRun& f, Call& call, sip::SessionId caller, Woken woken, int status) {
  if (woken == Woken::stopped || !f.alive(caller)) {
    f.fail(tlib::ErrorCode::wrong_state, 0, "the caller left before the call was answered");
    co_return false;
  }
  refused(f, call, status);
  if (f.leg(caller)->lender) co_return false;
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

Step<Rung> rung(FlowRun& f, Call& call, std::string from, std::string to) {
  FlowRun::Invitation wish;
  wish.dn = to;
  wish.from = from;
  const auto callee = f.invite(call, wish);
  if (!callee) co_return Rung{{}, 480};
  const Woken woken = co_await f.ringing(*callee, f.settings().ring_max);
  const Leg* leg = f.leg(*callee);
  if (woken == Woken::ready && !leg->ended && (leg->rings || leg->reply)) co_return Rung{*callee, 0};
  const int status = woken == Woken::ready     ? f.take_reply(*callee).status
                     : woken == Woken::timeout ? 408
                                               : 487;
  f.end(*callee);
  co_return Rung{*callee, status};
}

namespace {

// What a destination has answered, wherever it was redirected to; `leg` is none if nobody is there.
struct Destination {
  sip::SessionId leg, tone;
  Woken woken = Woken::ready;
  Reply reply;
};

// Bound: desktops that send a call round and round.
constexpr int redirections_max = 10;

Step<Destination> destination(FlowRun& f, Call& call, sip::SessionId caller, std::string to) {
  Destination found;
  for (int times = 0; times < redirections_max; ++times) {
    FlowRun::Invitation wish;
    wish.dn = to;
    wish.from = f.leg(caller)->dn;
    const auto callee = f.invite(call, wish);
    found.leg = callee ? *callee : sip::SessionId{};
    found.reply = Reply{480, {}, false};
    if (!callee) co_return found;
    call.callee(to)->leg = *callee;
    if (f.options(wish.from).ring_tone_on_make_call && !found.tone) {
      const Woken rung = co_await f.ringing(*callee, f.settings().ring_max);
      const Leg* leg = f.leg(*callee);
      if (rung == Woken::ready && !leg->reply && !leg->ended)
        found.tone = co_await played(f, call, caller, f.settings().treatments.ringback);
    }
    found.woken = co_await f.reply(*callee, f.settings().ring_max);
    found.reply = f.take_reply(*callee);
    to = f.take_redirect();
    if (to.empty()) break;
    call.to = to;
    f.desk().board.add_party(call, {to, PartyState::alerting, {}});
  }
  co_return found;
}

}  // namespace

Step<bool> called(FlowRun& f, Call& call, sip::SessionId caller, std::string to) {
  const Destination found = co_await destination(f, call, caller, to);
  if (found.woken != Woken::ready || !found.reply.needs_ack) {
    f.end(found.leg);
    f.end(found.tone);
    const int status = found.reply.agreed() ? 488 : found.reply.status;
    co_return co_await destination_failed(f, call, caller, found.woken, status);
  }
  const Reply answer = co_await connected(f, found.leg, found.reply.sdp, caller);
  f.end(found.tone);
  if (!answer.agreed()) {
    f.end(found.leg);
    if (!f.leg(caller)->lender) f.end(caller);
    caller_failed(f, answer.status);
    co_return false;
  }
  f.desk().board.established(call, f.now());
  f.events().established(call, f.leg(found.leg)->dn, f.leg(caller)->dn, f.now());
  f.ack(caller, {});
  co_return true;
}

}  // namespace sidetone::lab
