// What an agent does with each call:
//
//   ring 2; talk 10; hold 3; talk 5; dtmf 12#; hangup
//
// `ring`: seconds before the answer (default 0). `talk`, `hold`: seconds. `hangup`: the agent ends the call;
// `customer-hangup`: the customer does. A script without either ends with `hangup`.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"

namespace sidetone::lab {

struct AgentStep {
  enum class Kind : std::uint8_t { talk, hold, dtmf } kind = Kind::talk;
  std::chrono::milliseconds span{0};
  std::string digits;
};

struct AgentScript {
  std::chrono::milliseconds ring{0};
  std::vector<AgentStep> steps;
  bool customer_hangs_up = false;
};

// The error names the step.
[[nodiscard]] Expected<AgentScript> parse_script(std::string_view text);
// From the answer to the end.
[[nodiscard]] std::chrono::milliseconds length_of(const AgentScript& script);

}  // namespace sidetone::lab
