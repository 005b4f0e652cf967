// What the ways to make a call have in common.
#pragma once

#include "labserver/steps.h"

namespace sidetone::lab {

// Longer than anybody listens to a busy tone.
inline constexpr Duration busy_tone_max = std::chrono::seconds(30);

// A call of two parties that `from` is about to make.
Call& begin_call(FlowRun& f, const std::string& from, const std::string& to, tlib::CallType type);
// The caller's phone is called, with a placeholder for the callee, and has answered; none: the flow has
// failed.
Step<sip::SessionId> caller_waits(FlowRun& f, Call& call);
// The caller's phone did not do as it was asked.
void caller_failed(FlowRun& f, int status);
// The destination did not take the call: counted, and told.
void refused(FlowRun& f, Call& call, int status);
// The destination's INVITE has failed: DestinationBusy, the error, and the busy tone for the caller where
// that is configured. `caller` is connected.
Step<bool> destination_failed(FlowRun& f, Call& call, sip::SessionId caller, Woken woken, int status);
struct Rung {
  sip::SessionId leg;
  int status = 0;  // 0: it rings, or has answered; else its leg is over
};
// `to` is called in a transfer from `from`, without an offer, so far that it rings.
Step<Rung> rung(FlowRun& f, Call& call, std::string from, std::string to);
// `caller` is connected and waits: the destination rings, the caller hears ring-back, both are joined. All
// events and the request's outcome are told; false: it failed.
Step<bool> called(FlowRun& f, Call& call, sip::SessionId caller, std::string to);

}  // namespace sidetone::lab
