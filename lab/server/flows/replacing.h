// A phone's INVITE with Replaces (RFC 3891) takes over where another leg was.
#pragma once

#include "labserver/steps.h"

namespace sidetone::lab {

// The peer of the replaced leg agrees to the newcomer's offer by re-INVITE, then the newcomer gets its 200,
// with which the replaced leg ends. The newcomer's leg is in `call` then, joined; a status otherwise, and the
// newcomer has been refused with it. Both are told that they belong to `main`, to which the flow moves them
// if it is another call.
Step<int> replaced(FlowRun& f, Call& call, Call& main);

}  // namespace sidetone::lab
