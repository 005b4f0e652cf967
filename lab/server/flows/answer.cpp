// AnswerCall: NOTIFY talk to a phone that rings (sip-cti-control). The phone may answer by itself meanwhile.
#include <fmt/format.h>

#include "labserver/flows/flows.h"
#include "labserver/steps.h"

namespace sidetone::lab {

Flow answer(FlowRun& f) {
  Call& ringing = f.call();
  f.attend(ringing);
  Party& told = *ringing.party(f.dn());
  told.answering = f.id();
  told.reference_id = f.request().reference_id;
  const auto asked = f.notify(told.leg, "talk");
  const std::function<bool()> is_over = [&f, asked] {
    Call* call = f.find_call();
    const Party* party = call ? call->party(f.dn()) : nullptr;
    return !party || party->answered() || !asked || f.status_of(asked) >= 300;
  };
  const Woken woken = co_await f.until(is_over, answer_max);
  Call* call = f.find_call();
  const Party* party = call ? call->party(f.dn()) : nullptr;
  if (party && party->answered())
    f.succeed();
  else if (!party)
    f.fail(tlib::ErrorCode::wrong_state, 0, "the call was over before it was answered");
  else
    f.fail(tlib::ErrorCode::phone_failed, woken == Woken::ready ? f.status_of(asked) : 408,
           fmt::format("the phone of {} did not answer when told to", f.dn()));
}

}  // namespace sidetone::lab
