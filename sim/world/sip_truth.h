// What the endpoint shows against what the SIP core has: a call is as far as its dialog, a line is what its
// registration is. Looked at after every input.
#pragma once

#include <map>
#include <string>

#include "endpoint/endpoint_core.h"
#include "sim/verdict.h"
#include "sip/stack.h"

namespace sidetone::sim {

// What the core said last of each account.
using Registrations = std::map<sip::AccountId, sip::RegistrationState>;

struct SipTruth {
  const std::string& phone;
  const endpoint::EndpointCore& core;
  const sip::Stack& stack;
  const Registrations& registrations;
};

void compare_with_sip(const SipTruth& truth, const Snapshot& snapshot, Verdict& verdict, Time now);

}  // namespace sidetone::sim
