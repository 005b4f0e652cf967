// The flows, one file each. Named for what SIP Server's documentation calls them.
#pragma once

#include "labserver/flow_run.h"

namespace sidetone::lab {

// MakeCall, make-call-rfc3725-flow=2: the caller is connected before the callee rings.
Flow make_call_reinvite(FlowRun& f);

}  // namespace sidetone::lab
