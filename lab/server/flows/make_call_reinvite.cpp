// MakeCall by re-INVITE, the default (make-call-rfc3725-flow=2; RFC 3725 §4.2 with a placeholder): the
// caller's phone is connected to nobody, hears ring-back from the media server, and is moved to the callee
// when that one answers.
#include "labserver/flows/flows.h"
#include "labserver/flows/set_up.h"
#include "labserver/silence.h"

namespace sidetone::lab {

Flow make_call_reinvite(FlowRun& f) {
  const std::string from = f.request().this_dn, to = f.request().destination;
  Call& call = begin_call(f, from, to, tlib::CallType::unknown);
  FlowRun::Invitation to_caller;
  to_caller.dn = from;
  to_caller.from = to;
  to_caller.sdp = placeholder_offer(call.key.value);
  to_caller.originates = true;
  const auto caller = f.invite(call, to_caller);
  if (!caller) {
    caller_failed(f, 480);
    co_return;
  }
  call.party(from)->leg = *caller;
  f.watch(*caller);
  f.events().dials(call, from, f.now());
  const Woken picked_up = co_await f.reply(*caller, f.settings().ring_max);
  const Reply taken = f.take_reply(*caller);
  if (picked_up != Woken::ready || !taken.agreed()) {
    caller_failed(f, taken.status);
    co_return;
  }

  const bool connected_now = co_await called(f, call, *caller, to);
  if (connected_now) f.succeed();
}

}  // namespace sidetone::lab
