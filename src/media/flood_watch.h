// When a call's ports shall take packets of its peer only. A flood from elsewhere is refused packet by packet
// anyway (peer_latch.h), but it fills the sockets' buffers, and then the peer's packets find no room.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace sidetone::media {

class FloodWatch {
 public:
  // `foreign`: packets of others since the call began; `heard_at`: the peer's last one. Asked each tick.
  // True: the peer's hosts only, from here on or still.
  [[nodiscard]] bool shuts_out(std::uint64_t foreign, Time heard_at, Time now);

 private:
  bool shut_ = false;
  Time window_since_{};
  std::uint64_t window_foreign_ = 0;
};

}  // namespace sidetone::media
