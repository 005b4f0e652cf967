// SingleStepTransfer by re-INVITE: the destination rings for the party that stays, the one that transfers is
// released as soon as it does, and the one that stays is moved to the destination when that one answers. If
// the destination refuses then, the call is lost ("SingleStepTransfer User Busy").
#include <fmt/format.h>

#include "labserver/flows/flows.h"
#include "labserver/flows/set_up.h"

namespace sidetone::lab {

namespace {

// The one that stays hears the busy tone, or its call ends.
Step<bool> lost(FlowRun& f, Call& call, sip::SessionId stays, int status) {
  f.fail(tlib::ErrorCode::destination_failed, status,
         fmt::format("{} did not take the call, which is lost", f.request().destination));
  while (!call.parties.empty()) f.events().leaves(call, call.parties.front(), false, f.now());
  if (f.settings().busy_treatment && f.alive(stays)) {
    const auto tone = co_await played(f, call, stays, f.settings().treatments.busy);
    if (tone) {
      call.treatment = true;
      f.desk().board.set_due(call, f.now() + busy_tone_max);
      co_return true;
    }
  }
  f.end(stays, status);
  co_return false;
}

}  // namespace

Flow single_step_transfer_reinvite(FlowRun& f) {
  Call& call = f.call();
  const std::string to = f.request().destination;
  if (!co_await settled(f, call) || !call.other_party(f.dn())) {
    phone_refused(f, 481);
    co_return;
  }
  const std::string stays = call.other_dn(f.dn());
  const sip::SessionId stays_leg = call.other_party(f.dn())->leg;
  const Rung callee = co_await rung(f, call, stays, to);
  if (callee.status != 0) {  // nothing has changed yet
    if (callee.status == 487 && !f.alive(stays_leg))
      phone_refused(f, 481);
    else
      f.fail(tlib::ErrorCode::destination_failed, callee.status, fmt::format("{} did not take the call", to));
    co_return;
  }

  f.unwatch(call.party(f.dn())->leg);
  f.drop(call, f.dn());
  f.desk().board.add_party(call, {to, PartyState::alerting, callee.leg});
  f.events().party_changed(call, stays, to, f.now());
  f.events().rings(call, to, f.now());
  const Woken woken = co_await f.reply(callee.leg, f.settings().ring_max);
  const Reply taken = f.take_reply(callee.leg);
  if (woken != Woken::ready || !taken.needs_ack) {
    f.end(callee.leg);
    co_await lost(f, call, stays_leg, woken == Woken::ready && !taken.agreed() ? taken.status : 408);
    co_return;
  }
  const Reply answer = co_await connected(f, callee.leg, taken.sdp, stays_leg);
  if (!answer.agreed()) {
    f.end(callee.leg);
    co_await lost(f, call, stays_leg, answer.status);
    co_return;
  }
  f.events().established(call, to, stays, f.now());
  f.ack(stays_leg, {});
  f.succeed();
}

}  // namespace sidetone::lab
