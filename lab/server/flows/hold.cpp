// HoldCall and RetrieveCall.
#include "labserver/flows/flows.h"
#include "labserver/flows/holding.h"

namespace sidetone::lab {

Flow hold(FlowRun& f) {
  const bool ready = co_await settled(f, f.call());
  const int status = ready ? co_await put_on_hold(f, f.call(), f.dn()) : 481;
  if (status == 0)
    f.succeed();
  else
    phone_refused(f, status);
}

Flow retrieve(FlowRun& f) {
  const bool ready = co_await settled(f, f.call());
  const int status = ready ? co_await take_back(f, f.call(), f.dn()) : 481;
  if (status == 0) resume_phone(f, f.call().party(f.dn())->leg);
  if (status == 0)
    f.succeed();
  else
    phone_refused(f, status);
}

}  // namespace sidetone::lab
