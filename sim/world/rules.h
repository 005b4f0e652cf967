// The rules that hold over several nodes, looked at once a second, and those of the end. A rule about what
// must have happened by now only counts where the network has been well for long enough: what a fault broke
// has its own time to mend.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/network.h"
#include "sim/phone.h"
#include "sim/server_node.h"
#include "sim/verdict.h"

namespace sidetone::sim {

using Phones = std::vector<std::unique_ptr<Phone>>;
using Servers = std::vector<std::unique_ptr<ServerNode>>;  // best first

struct CallRef {
  Phone* phone = nullptr;
  CallId call;
  explicit operator bool() const { return phone != nullptr; }
};

// Whose sound port that is.
[[nodiscard]] CallRef call_at(const Phones& phones, Address rtp);

class Rules {
 public:
  Rules(const Phones& phones, const Servers& servers, const NameServer& names, const Network& network,
        Verdict& verdict)
      : phones_(phones), servers_(servers), names_(names), network_(network), verdict_(verdict) {}

  void every_second(Time now);
  void after_hang_up(Time now);  // everybody ended everything a while ago
  void after_unregistering(Time now);
  void at_end(Time now);  // nothing may be left

 private:
  // Since when nothing has been wrong between the phone and any server, nor with the names that it needs.
  [[nodiscard]] std::optional<Time> well_since(const Phone& phone) const;
  [[nodiscard]] bool well(const Phone& phone, Time now, Duration for_at_least) const;
  // ... between the phone and one server that its line may use.
  [[nodiscard]] bool can_register(const Phone& phone, Time now, Duration for_at_least) const;

  [[nodiscard]] bool may_be_orphan(const Phone& phone, CallId call) const;
  [[nodiscard]] bool began_well(const Phone& phone, CallId call, Time now) const;

  void legs_agree(Phone& phone, const std::vector<lab::CallFacts>& active, Time now);
  void ends_agree(Phone& phone, const CallSnapshot& call, Time now);
  void intent_becomes_fact(Phone& phone, const CallSnapshot& call, Time now);
  void promises_are_kept(Phone& phone, Time now);
  void silence_is_noticed(Phone& phone, const CallSnapshot& call, Time now);
  void line_comes_back(Phone& phone, Time now);
  void orphans_end(Phone& phone, const std::vector<lab::CallFacts>& active, Time now);
  void stack_is_empty(const Node& node, const sip::Stack& stack, Time now);

  const Phones& phones_;
  const Servers& servers_;
  const NameServer& names_;
  const Network& network_;
  Verdict& verdict_;
  std::map<std::string, int> bindings_at_stop_;  // of each DN, over all servers
  std::map<const Phone*, Time> legs_differ_since_, line_away_since_, orphans_since_;
  std::set<const Phone*> refused_;
  std::map<std::pair<const Phone*, CallId>, Time> intent_open_since_, alone_since_;
};

}  // namespace sidetone::sim
