// Servers that failed lately, shared by all lines: who else would go there looks at the others first.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "sip/location/target.h"

namespace sidetone::sip {

class UnavailableServers {
 public:
  // No answer, or no connection: tried last for a while. Then it is a server like the others again.
  void failed(const Target& target, Time now);
  // 503 with Retry-After (RFC 3261 §21.5.4): not tried at all meanwhile, unless there is no other.
  void asked_for_rest(const Target& target, Duration rest, Time now);
  void answered(const Target& target) { by_address_.erase(target.address); }

  // The targets in the order in which to try them: `current` first while it works, then the located order.
  [[nodiscard]] std::vector<Target> in_order(std::vector<Target> targets,
                                             const std::optional<Target>& current, Time now) const;

 private:
  struct State {
    Time until;
    bool rests = false;
  };
  [[nodiscard]] const State* find(const Target& target, Time now) const;
  void put(const Target& target, State state);
  std::unordered_map<Address, State> by_address_;
};

}  // namespace sidetone::sip
