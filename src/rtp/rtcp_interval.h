// When the next RTCP packet is due (RFC 3550 §6.3.1, §A.7).
#pragma once

#include "base/random.h"
#include "base/time.h"

namespace sidetone::rtp {

struct RtcpLoad {
  int members = 2;
  int senders = 0;
  double rtcp_bandwidth_bytes_per_s = 0;  // 5 % of the session's
  bool we_sent = false;
  double average_size_bytes = 128;
  bool initial = false;  // nothing sent yet: half the minimum
};

[[nodiscard]] Duration rtcp_interval(const RtcpLoad& load, Random& random);

}  // namespace sidetone::rtp
