// Addresses at which no TCP connection came about: large requests go there by UDP at once for a while. A
// firewall that swallows TCP would otherwise cost each call the whole wait for the connection.
#pragma once

#include <unordered_map>

#include "base/address.h"
#include "base/time.h"

namespace sidetone::sip::flows {

class WithoutTcp {
 public:
  void add(const Address& address, Time now) {
    if (since_.size() >= addresses_max) since_.clear();
    since_[address] = now;
  }
  [[nodiscard]] bool contains(const Address& address, Time now) const {
    const auto found = since_.find(address);
    return found != since_.end() && now < found->second + believed_for;
  }

 private:
  static constexpr std::size_t addresses_max = 256;  // bound: what is forgotten is only tried again
  static constexpr Duration believed_for = std::chrono::minutes(5);
  std::unordered_map<Address, Time> since_;
};

}  // namespace sidetone::sip::flows
