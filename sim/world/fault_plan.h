// What goes wrong in a world, and when: drawn from the seed before anything runs.
#pragma once

#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "sim/network.h"

namespace sidetone::sim {

enum class FaultKind : std::uint8_t { loss_burst, cut, slow, stream_reset };
[[nodiscard]] std::string_view to_string(FaultKind kind);

struct Fault {
  FaultKind kind = FaultKind::loss_burst;
  IpAddress where;
  Time from, until;
  double loss = 0;
  Duration delay{0};
};

// At least three, none outside [from, until].
[[nodiscard]] std::vector<Fault> draw_faults(const std::vector<IpAddress>& phones, IpAddress server,
                                             Time from, Time until, Random& random);

}  // namespace sidetone::sim
