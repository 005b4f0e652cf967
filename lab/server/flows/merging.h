// Parties and legs that go from one call to another.
#pragma once

#include "labserver/steps.h"

namespace sidetone::lab {

// The party with its leg; nobody is told.
void move_party(FlowRun& f, Call& from, const std::string& dn, Call& to);

}  // namespace sidetone::lab
