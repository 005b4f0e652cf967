// The words of use_srtp.
#pragma once

#include <string_view>

#include "base/expected.h"
#include "base/srtp.h"

namespace sidetone::config {

struct UseSrtp {
  SrtpPolicy policy = SrtpPolicy::disabled;
  bool unencrypted_srtcp = false;
};

[[nodiscard]] Expected<UseSrtp> parse_use_srtp(std::string_view text);

}  // namespace sidetone::config
