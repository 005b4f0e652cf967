// MakeCall by re-INVITE, the default (make-call-rfc3725-flow=2; RFC 3725 §4.2 with a placeholder): the
// caller's phone is connected to nobody, hears ring-back from the media server, and is moved to the callee
// when that one answers.
#include "labserver/flows/flows.h"
#include "labserver/flows/set_up.h"

namespace sidetone::lab {

Flow make_call_reinvite(FlowRun& f) {
  const std::string to = f.request().destination;
  Call& call = begin_call(f, f.dn(), to, tlib::CallType::unknown);
  const auto caller = co_await caller_waits(f, call);
  if (!caller) co_return;
  if (co_await called(f, call, caller, to)) f.succeed();
}

}  // namespace sidetone::lab
