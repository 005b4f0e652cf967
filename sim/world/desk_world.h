// A contact centre whose agents sit at desktops, for six virtual minutes: production endpoints, the lab's
// server, T-Library requests at random times, users who press a button now and then, a network that loses.
//
//   0:00  lines register, requests begin
//   3:00  the last fault is over
//   3:20  no new requests: desktops end all calls, half a minute later people do as well
//   5:30  no call may be left; the phones stop
//   8:00  nothing may be left
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "sim/desk.h"
#include "sim/name_server.h"
#include "sim/phone.h"
#include "sim/rules.h"
#include "sim/server_node.h"
#include "sim/simulation.h"

namespace sidetone::sim {

class DeskWorld : public Simulation {
 public:
  explicit DeskWorld(WorldOptions options);
  WorldResult run();

 private:
  void build();
  void plan_faults();
  void notice(Phone& phone, Time now);
  void use_hands(Phone& phone, Time now);
  void leave(Phone& phone, Time now);
  void who_hears_whom(Time now);
  void no_call_is_left(Time now);
  void nothing_is_left(Time now);

  std::optional<NameServer> names_;
  std::unique_ptr<ServerNode> server_;
  Phones phones_;
  std::unique_ptr<Desk> desk_;
  std::map<std::pair<Phone*, CallId>, Time> odd_since_;  // heard by whom it should not be
};

}  // namespace sidetone::sim
