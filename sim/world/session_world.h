// Four user agents of the SIP core that call each other without a server, for four virtual minutes: what the
// endpoint does not do yet (early media, PRACK, UPDATE, REFER, Replaces, subscriptions, redirection), with
// glare on everything and a network that fails.
//
//   0:00  calls
//   2:30  the last fault is over
//   2:40  everything is ended
//  10:00  nothing may be left: the subscription of a REFER whose last NOTIFY got lost ends with its time
#pragma once

#include <memory>
#include <vector>

#include "sim/attacker.h"
#include "sim/peer.h"
#include "sim/simulation.h"

namespace sidetone::sim {

class SessionWorld : public Simulation {
 public:
  explicit SessionWorld(WorldOptions options);
  WorldResult run();

 private:
  void plan_faults();
  void make_glare(Time now);
  void nothing_is_left(Time now);

  std::vector<std::unique_ptr<Peer>> peers_;
};

}  // namespace sidetone::sim
