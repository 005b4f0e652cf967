// ReleaseCall and ClearCall: BYE, CANCEL or a refusal to whoever is in the call, whatever runs there.
#include "labserver/flows/flows.h"
#include "labserver/steps.h"

namespace sidetone::lab {

Flow release(FlowRun& f) {
  Call* call = f.find_call();
  if (call->flow) {
    f.attend(*call);
    const std::function<bool()> is_free = [&f] { return !f.find_call() || !f.find_call()->flow; };
    co_await f.until(is_free, answer_max);
    call = f.find_call();
  }
  // Stopping what ran may have been the end of it.
  if (!call || !call->party(f.dn())) {
    f.succeed();
    co_return;
  }
  if (call->flow) {
    f.fail(tlib::ErrorCode::busy, 0, "another request for this call does not come to its end");
    co_return;
  }
  f.hold_call(*call);
  f.hold_legs(*call);
  const bool of_all = f.request().name == tlib::RequestName::clear_call || call->parties.size() <= 2;
  const bool never_connected = !call->connected;
  // A consult call in a borrowed dialog: that one goes on, for the main call.
  for (const auto session : std::vector(call->legs))
    if (Leg& lent = *f.leg(session); lent.lender) {
      if (Party* party = call->party_of(session)) party->leg = {};
      lent.flow = {};
      f.desk().board.give_back(lent, f.now());
    }
  f.drop(*call, f.dn());
  while (of_all && !call->parties.empty()) f.drop(*call, std::string(call->parties.front().dn));
  if (of_all || never_connected)
    for (const auto session : std::vector(call->legs)) f.end(session);
  f.succeed();
}

}  // namespace sidetone::lab
