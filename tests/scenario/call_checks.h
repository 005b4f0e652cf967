// What must hold for the calls of any scenario, whatever its script wanted. Each function returns what it
// found, a line each.
#pragma once

#include <string>
#include <vector>

#include "sip/stack.h"

namespace sidetone::test {

// A stack under observation.
struct Watched {
  std::string name;
  std::string ip;  // as it stands in Contact
  const sip::Stack* stack = nullptr;
  const std::vector<sip::Event>* history = nullptr;  // all its events; may be null
};

// Ids count from 1 in each stack; no scenario has more calls.
inline constexpr std::uint64_t sessions_max = 128;

// The events contradict neither themselves ...
[[nodiscard]] std::string check_events(const std::vector<Watched>& stacks);
// ... nor the stack: no session is in a state that its events do not tell.
[[nodiscard]] std::string check_stories(const std::vector<Watched>& stacks);
// A call is up on both sides or on none.
[[nodiscard]] std::string check_both_sides(const std::vector<Watched>& stacks);
// Every session that was heard of has ended, once.
[[nodiscard]] std::string check_ended(const std::vector<Watched>& stacks);

}  // namespace sidetone::test
