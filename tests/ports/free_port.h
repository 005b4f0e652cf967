// Ports of 127.0.0.1 for programs under test, which tests that run at the same time do not get too.
#pragma once

#include <cstdint>

namespace sidetone::test {

// The first of `span` even-based ports that are free now for UDP and TCP, and claimed until this process
// ends: 10000 to 16383 lies below what the system gives to port 0 (an outgoing connection of any program may
// have one of those), below the lab's media ports (16384) and above a phone's (9000-9999). driver.py claims
// alike.
std::uint16_t free_port(int span = 1);

}  // namespace sidetone::test
