// MakeCall by REFER (refer-enabled): the caller's phone is asked to call, out of any dialog, and does so
// through the server. It shows the real progress of the call, and hears the callee's early media.
#include <fmt/format.h>

#include "labserver/flows/flows.h"
#include "labserver/flows/referral.h"
#include "labserver/flows/set_up.h"

namespace sidetone::lab {

Flow make_call_refer(FlowRun& f) {
  const std::string from = f.dn(), to = f.request().destination;
  Call& call = begin_call(f, from, to, tlib::CallType::unknown);
  Referral referral;
  referral.to = to;
  referral.dn = from;
  if (!co_await phone_calls(f, call, referral)) co_return;
  const std::function<bool()> decided = [&f, &call] {
    const Leg* caller = f.leg(call.setup.caller);
    return call.connected || !caller || caller->ended;
  };
  const Woken woken = co_await f.until(decided, f.settings().ring_max + answer_max);
  if (woken == Woken::ready && call.connected)
    f.succeed();
  else if (call.outcome == CallOutcome::refused)
    f.fail(tlib::ErrorCode::destination_failed, call.status, fmt::format("{} did not take the call", to));
  else
    f.fail(tlib::ErrorCode::wrong_state, 0, "the caller left before the call was answered");
}

}  // namespace sidetone::lab
