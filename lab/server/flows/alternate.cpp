// AlternateCall: hold the active call, retrieve the held one. A phone with one dialog for both takes it
// along.
#include "labserver/flows/flows.h"
#include "labserver/flows/holding.h"

namespace sidetone::lab {

Flow alternate(FlowRun& f) {
  Call& active = f.call();
  Call& held = f.other_call();
  const bool borrowed = !held.party(f.dn())->leg;
  const bool ready = co_await settled(f, active) && co_await settled(f, held);
  int status = ready ? co_await put_on_hold(f, active, f.dn(), borrowed) : 481;
  if (status == 0) {
    return_leg(f, active, held);
    status = co_await take_back(f, held, f.dn());
  }
  if (status == 0) resume_phone(f, held.party(f.dn())->leg);
  if (status == 0)
    f.succeed();
  else
    phone_refused(f, status);
}

}  // namespace sidetone::lab
