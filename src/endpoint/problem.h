// An error as the SDK's user reads it.
#pragma once

#include "base/expected.h"
#include "sidetone/types.h"

namespace sidetone::endpoint {

[[nodiscard]] inline Problem problem_of(const Error& error) {
  return {std::string(to_string(error.layer)), std::string(to_string(error.fault)), error.text, error.remedy};
}

}  // namespace sidetone::endpoint
