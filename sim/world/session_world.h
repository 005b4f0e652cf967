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
#include "sim/clockwork.h"
#include "sim/peer.h"
#include "sim/storm_watch.h"
#include "sim/world.h"

namespace sidetone::sim {

class SessionWorld {
 public:
  explicit SessionWorld(WorldOptions options);
  SessionWorld(const SessionWorld&) = delete;
  SessionWorld& operator=(const SessionWorld&) = delete;

  WorldResult run();
  [[nodiscard]] const Trace& trace() const { return trace_; }

 private:
  void plan_faults();
  void plan_glare(Time now);
  void make_glare(Time now);
  void nothing_is_left(Time now);

  WorldOptions options_;
  SeededRandom random_;
  Trace trace_;
  Verdict verdict_;
  EventQueue queue_;
  Network network_;
  StormWatch storms_{verdict_};
  std::vector<std::unique_ptr<Peer>> peers_;
  Clockwork clockwork_{queue_, verdict_};
  std::uint64_t faults_ = 0;
  std::map<std::string, std::uint64_t> faults_by_kind_;
};

}  // namespace sidetone::sim
