// How calls secure their media.
#pragma once

#include <vector>

#include "base/srtp.h"

namespace sidetone::endpoint {

struct SrtpSettings {
  SrtpPolicy policy = SrtpPolicy::disabled;
  bool unencrypted_srtcp = false;  // of our offers (use_srtp's suffix UNENCRYPTED_SRTCP)
  std::vector<SrtpSuite> suites{srtp_suites.begin(), srtp_suites.end()};  // offered in this order, and taken
};

}  // namespace sidetone::endpoint
