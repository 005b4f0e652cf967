#include "rtp/rtcp_interval.h"

#include <algorithm>

namespace sidetone::rtp {

Duration rtcp_interval(const RtcpLoad& load, Random& random) {
  constexpr double minimum_s = 5;
  constexpr double sender_share = 0.25;
  // §A.7 divides by e-3/2 to make up for timer reconsideration settling below the mean. A call has two
  // members and leaves nothing to reconsider, but the peer computes the same mean, so we keep it.
  constexpr double compensation = 2.71828 - 1.5;
  double bandwidth = std::max(1.0, load.rtcp_bandwidth_bytes_per_s);
  int n = load.members;
  if (load.senders <= load.members * sender_share) {
    if (load.we_sent) {
      bandwidth *= sender_share;
      n = load.senders;
    } else {
      bandwidth *= 1 - sender_share;
      n -= load.senders;
    }
  }
  const double least = load.initial ? minimum_s / 2 : minimum_s;
  const double interval = std::max(least, load.average_size_bytes * n / bandwidth);
  const double spread = interval * (random.unit() + 0.5) / compensation;
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(spread));
}

}  // namespace sidetone::rtp
