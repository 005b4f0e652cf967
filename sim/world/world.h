// One contact centre for ten virtual minutes: agents and customers at production endpoints, the lab's SIP
// server between them, a network that fails, and rules that watch. The seed is the whole history.
//
//   0:00  lines register, people begin to call
//   7:50  the last fault is over
//   8:20  people go home: no new calls, all calls are ended
//   9:15  no call may be left; the phones stop
//  10:00  nothing may be left
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/attacker.h"
#include "sim/fault_plan.h"
#include "sim/name_server.h"
#include "sim/phone.h"
#include "sim/rules.h"
#include "sim/server_node.h"
#include "sim/simulation.h"
#include "sim/user.h"

namespace sidetone::sim {

class World : public Simulation {
 public:
  explicit World(WorldOptions options);
  WorldResult run();
  // Who is at which address, for whoever draws the messages.
  [[nodiscard]] std::string name_of(IpAddress ip) const;

 private:
  void build();
  void build_servers(const std::vector<PhoneSettings>& phones, LinkQuality quality);
  [[nodiscard]] IpAddress server_ip(std::size_t index) const;
  [[nodiscard]] std::vector<PhoneSettings> draw_phones();
  void plan_faults(Time from, Time until);
  void begin(const Fault& fault, Time now);
  void end(const Fault& fault, Time now);
  void plan_renumbering(Time when, Time until);
  void block(const Fault& fault, bool on, Time now);
  [[nodiscard]] ServerNode* server_at(IpAddress ip);
  [[nodiscard]] Phone* phone_at(IpAddress ip);
  void make_glare(Time now);
  void change_configuration(Phone& phone, Time now);
  void plan_end();
  void sound_begins(Phone& from, const MediaDesk::CallMedia& media, Time now);

  [[nodiscard]] WorldResult result_of_all() const;

  std::size_t server_count_ = 1;
  bool renumbers_ = false;  // the names lead to the first server, then to the second one only
  std::optional<NameServer> names_;
  std::optional<Attacker> attacker_;
  Servers servers_;
  Phones phones_;
  std::vector<std::unique_ptr<User>> users_;
  std::unique_ptr<Rules> rules_;
  std::map<std::string, std::uint64_t> changes_;
};

}  // namespace sidetone::sim
