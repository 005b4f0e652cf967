// Connections whose peers owe us something, the one that owes it longest first.
#pragma once

#include <list>
#include <unordered_map>
#include <utility>

#include "base/time.h"
#include "sip/transport/flow.h"

namespace sidetone::sip::flows {

class WaitingPeers {
 public:
  struct Entry {
    ConnectionId id;
    Time since;
  };
  void begin(ConnectionId id, Time now) {  // keeps the time of one that is in it already
    if (places_.contains(id)) return;
    places_.emplace(id, order_.insert(order_.end(), Entry{id, now}));
  }
  void end(ConnectionId id) {
    const auto at = places_.extract(id);
    if (!at.empty()) order_.erase(at.mapped());
  }
  [[nodiscard]] const Entry* oldest() const { return order_.empty() ? nullptr : &order_.front(); }
  [[nodiscard]] std::size_t size() const { return places_.size(); }

 private:
  std::list<Entry> order_;
  std::unordered_map<ConnectionId, std::list<Entry>::iterator> places_;
};

}  // namespace sidetone::sip::flows
