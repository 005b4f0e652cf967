// What goes wrong in a world, and when: drawn from the seed before anything runs.
#pragma once

#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "sim/name_server.h"
#include "sim/network.h"

namespace sidetone::sim {

enum class FaultKind : std::uint8_t {
  loss_burst,
  cut,
  slow,
  stream_reset,
  blocked,    // between two nodes, in one direction or both
  crash,      // a server's program ends, and begins anew without memory
  power_off,  // ... its whole machine
  dns,
  sleep,  // a phone's machine
  count_
};
[[nodiscard]] std::string_view to_string(FaultKind kind);

struct Fault {
  FaultKind kind = FaultKind::loss_burst;
  IpAddress where;  // crash, power_off: a server
  IpAddress other;  // blocked: the other end
  bool both_ways = false;
  DnsTrouble trouble = DnsTrouble::none;
  Time from, until;
  double loss = 0;
  Duration delay{0};
};

struct FaultPlaces {
  std::vector<IpAddress> phones, servers;
  bool names = false;  // somebody needs them
};

// At least three, none outside [from, until].
[[nodiscard]] std::vector<Fault> draw_faults(const FaultPlaces& places, Time from, Time until,
                                             Random& random);

}  // namespace sidetone::sim
