// The addresses that a line's server names have led to, with the time. Who is none of them is no server of
// the line: the source guard asks.
#pragma once

#include <algorithm>
#include <vector>

#include "base/address.h"
#include "base/time.h"

namespace sidetone::sip {

class ServerAddresses {
 public:
  void add(const IpAddress& ip, Time now) {
    const auto known = std::find_if(seen_.begin(), seen_.end(), [&](const Seen& s) { return s.ip == ip; });
    if (known != seen_.end()) seen_.erase(known);
    if (seen_.size() == addresses_max) seen_.erase(seen_.begin());
    seen_.push_back({ip, now});
  }
  [[nodiscard]] bool contains(const IpAddress& ip) const {
    return std::any_of(seen_.begin(), seen_.end(), [&](const Seen& s) { return s.ip == ip; });
  }
  struct Seen {
    IpAddress ip;
    Time last;
  };
  [[nodiscard]] const std::vector<Seen>& all() const { return seen_; }  // the latest last

 private:
  // Bound: the 20 targets of a name now, and as many from before its records changed, because a dialog may
  // still run with a server that has left the records.
  static constexpr std::size_t addresses_max = 40;
  std::vector<Seen> seen_;
};

}  // namespace sidetone::sip
