// The status for an offer that we cannot take.
#pragma once

#include "base/expected.h"

namespace sidetone::endpoint {

// RFC 3261 §21.4; §14.2 for 491.
[[nodiscard]] inline int refusal_of(const Error& error) {
  switch (error.fault) {
    case Fault::syntax:
    case Fault::limit: return 400;
    case Fault::state: return 491;  // our own offer is on its way
    default: return 488;
  }
}

}  // namespace sidetone::endpoint
