// The last calls that are over, for a window's list. Fed with the endpoint's events and the wall clock's
// time, which is the engine's to know.
#pragma once

#include <chrono>
#include <deque>
#include <unordered_map>
#include <vector>

#include "sidetone/events.h"
#include "sidetone/snapshot.h"

namespace sidetone::endpoint {

class CallHistory {
 public:
  using WallTime = std::chrono::system_clock::time_point;
  // Bound: more than an agent looks back for; whoever wants all keeps the events.
  static constexpr std::size_t records_max = 100;

  void note(const Event& event, WallTime now);
  [[nodiscard]] std::vector<CallRecord> records() const { return {records_.begin(), records_.end()}; }

 private:
  void end(const CallEnded& ended, WallTime now);

  struct Alive {
    WallTime began;
    std::optional<WallTime> answered;
  };
  std::unordered_map<CallId, Alive> alive_;
  std::deque<CallRecord> records_;  // the oldest first
};

}  // namespace sidetone::endpoint
