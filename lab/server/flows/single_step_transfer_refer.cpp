// SingleStepTransfer by REFER (refer-enabled): the server asks the phone that stays to call the destination
// itself. When that one rings, both old legs are released. Steps 1 to 21 of the ladder.
#include <fmt/format.h>

#include "labserver/flows/flows.h"
#include "labserver/flows/referral.h"

namespace sidetone::lab {

Flow single_step_transfer_refer(FlowRun& f) {
  Call& call = f.call();
  const std::string to = f.request().destination;
  if (!co_await settled(f, call) || !call.other_party(f.dn())) {
    phone_refused(f, 481);
    co_return;
  }
  const std::string stays = call.other_dn(f.dn());
  const sip::SessionId old = call.other_party(f.dn())->leg;
  Referral referral;
  referral.to = to;
  referral.session = old;
  referral.dn = stays;
  if (!co_await phone_calls(f, call, referral)) co_return;
  // The new set-up goes its way; the first 180 or 200 of the destination is the moment to let go.
  const std::function<bool()> progress = [&f, &call] {
    const Leg* caller = f.leg(call.setup.caller);
    if (!caller || caller->ended || caller->ending || call.setup.answered_by) return true;
    for (const auto session : call.setup.callees)
      if (const Leg* callee = f.leg(session); callee && callee->rings) return true;
    return false;
  };
  const Woken woken = co_await f.until(progress, f.settings().ring_max);
  const sip::SessionId caller = call.setup.caller;
  if (woken != Woken::ready || !f.alive(caller)) {
    f.end(caller);
    if (woken == Woken::gone)
      phone_refused(f, 481);
    else
      f.fail(tlib::ErrorCode::destination_failed,
             call.setup.best_refusal ? call.setup.best_refusal->status : 408,
             fmt::format("{} did not take the call", to));
    co_return;
  }

  f.unwatch(call.party(f.dn())->leg);
  f.drop(call, f.dn());
  f.end(old);
  call.party(stays)->leg = caller;
  call.connected = false;  // until the destination answers, this is a call that rings
  f.desk().board.add_party(call, {to, PartyState::alerting, call.setup.callees.front()});
  f.events().party_changed(call, stays, to, f.now());
  f.events().rings(call, to, f.now());
  const std::function<bool()> outcome = [&f, &call, caller] { return call.connected || !f.alive(caller); };
  co_await f.until(outcome, f.settings().ring_max + answer_max);
  if (call.connected)
    f.succeed();
  else
    f.fail(tlib::ErrorCode::destination_failed,
           call.setup.best_refusal ? call.setup.best_refusal->status : 408,
           fmt::format("{} did not take the call, which is lost", to));
}

}  // namespace sidetone::lab
