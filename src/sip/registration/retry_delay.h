// How long a registration that failed waits before the next try.
#pragma once

#include <optional>

#include "base/random.h"
#include "base/time.h"

namespace sidetone::sip {

struct FailedRegistration {
  Duration interval{0};              // reg_interval; 0: no further try
  int failures = 1;                  // in a row, this one included
  bool refused_credentials = false;  // 401, 403, 407: a person has to act
  bool outbound = false;             // RFC 5626
  std::optional<Duration> retry_after;
};

// Nothing: not by itself.
// - Never before `interval` has passed, nor before the server's Retry-After (RFC 3261 §20.33).
// - A server that comes back is not run over by all its lines at once: up to half as much is added by chance.
// - RFC 5626 §4.5 for outbound: 30 s times two to the power of the failures, at most 1800 s, of which 50 to
//   100 %.
// - Refused credentials: one minute, then twice as long each time, at most an hour. The same wrong password
// at
//   each reg_interval would lock the account at its server; a corrected one registers at once.
[[nodiscard]] std::optional<Duration> retry_delay(const FailedRegistration& failed, Random& random);

}  // namespace sidetone::sip
