// Assertions guard our own invariants and stay on in release: a core that has lost count must not go on
// talking. Bytes from the wire never reach one.
#pragma once

namespace sidetone {
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);
}

#define ST_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : ::sidetone::assertion_failed(#expression, __FILE__, __LINE__))
