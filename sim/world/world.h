// One contact centre for ten virtual minutes: agents and customers at production endpoints, the lab's SIP
// server between them, a network that fails, and rules that watch. The seed is the whole history.
//
//   0:00  lines register, people begin to call
//   7:50  the last fault is over
//   8:20  people go home: no new calls, all calls are ended
//   9:15  no call may be left; the phones stop
//  10:00  nothing may be left
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/attacker.h"
#include "sim/clockwork.h"
#include "sim/event_queue.h"
#include "sim/fault_plan.h"
#include "sim/mutation.h"
#include "sim/network.h"
#include "sim/phone.h"
#include "sim/rules.h"
#include "sim/server_node.h"
#include "sim/storm_watch.h"
#include "sim/trace.h"
#include "sim/user.h"
#include "sim/verdict.h"

namespace sidetone::sim {

struct WorldOptions {
  std::uint64_t seed = 1;
  Mutation mutation = Mutation::none;
  bool keep_trace = false;
};

struct WorldResult {
  std::uint64_t seed = 0;
  std::vector<Violation> violations;
  std::uint64_t hash = 0;  // two runs of one seed must agree
  std::uint64_t calls = 0, answered = 0, faults = 0, messages = 0;
  Duration virtual_time{0};
  std::map<std::string, std::uint64_t> transitions;  // of the stacks and of the endpoints
  std::map<std::string, std::uint64_t> faults_by_kind, attacks;
  std::map<std::string, std::uint64_t> changes;  // of configurations, by kind; and of them "under a call"
  std::uint32_t noisiest = 0;                    // messages of one Call-ID in ten seconds
};

class World {
 public:
  explicit World(WorldOptions options);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  WorldResult run();
  [[nodiscard]] const Trace& trace() const { return trace_; }
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
  void plan_attacks(Time now);
  void plan_glare(Time now);
  void make_glare(Time now);
  void plan_changes(Time now);
  void change_configuration(Phone& phone, Time now);
  void plan_rules(Time now);
  void plan_end();
  void sound_begins(Phone& from, const MediaDesk::CallMedia& media, Time now);

  [[nodiscard]] WorldResult result() const;

  WorldOptions options_;
  SeededRandom random_;
  Trace trace_;
  Verdict verdict_;
  EventQueue queue_;
  Network network_;
  Clockwork clockwork_{queue_, verdict_};
  std::size_t server_count_ = 1;
  bool renumbers_ = false;  // the names lead to the first server, then to the second one only
  std::optional<NameServer> names_;
  std::optional<Attacker> attacker_;
  StormWatch storms_{verdict_};
  Servers servers_;
  Phones phones_;
  std::vector<std::unique_ptr<User>> users_;
  std::unique_ptr<Rules> rules_;
  std::uint64_t faults_ = 0;
  std::map<std::string, std::uint64_t> faults_by_kind_, changes_;
};

}  // namespace sidetone::sim
