// A phone is asked by REFER to make a call through this server (RFC 3515).
#pragma once

#include "labserver/steps.h"

namespace sidetone::lab {

struct Referral {
  std::string to;
  sip::SessionId session;  // in its dialog; none: out of any
  std::string dn;          // whose phone
  std::string replaces;    // RFC 3891: the dialog that its INVITE shall stand in for
};

// Its INVITE has come and belongs to `call`; else the status of the failure. The call's set-up then goes its
// ordinary way.
Step<int> referred(FlowRun& f, Call& call, Referral wish);
// The same for a flow that only looks on from then; false: it has failed.
Step<bool> phone_calls(FlowRun& f, Call& call, Referral wish);

}  // namespace sidetone::lab
