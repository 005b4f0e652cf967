// Who calls whom, as an INVITE tells it.
#pragma once

#include "endpoint/call.h"
#include "sip/stack.h"

namespace sidetone::endpoint {

// All but the ids. What the line's server asserts (RFC 3325 §7) goes before what the caller says himself in
// From; who wants to be anonymous is shown as nobody.
[[nodiscard]] CallParties incoming_parties(const sip::IncomingInvite& invite);

}  // namespace sidetone::endpoint
