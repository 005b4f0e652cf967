// What a user who only listens to events knows. It must equal the endpoint's snapshot at every moment, which
// is the promise that windows and agent desktops are built on.
#pragma once

#include <map>
#include <set>
#include <string>

#include "sidetone/events.h"
#include "sim/verdict.h"

namespace sidetone::sim {

class Shadow {
 public:
  Shadow(std::string name, Verdict& verdict) : name_(std::move(name)), verdict_(verdict) {}

  void see(const Event& event, Time now);
  void compare(const Snapshot& snapshot, Time now);

  [[nodiscard]] const std::map<CallId, CallSnapshot>& calls() const { return calls_; }
  [[nodiscard]] const CallSnapshot* call(CallId id) const;
  [[nodiscard]] bool line_ready() const;
  [[nodiscard]] bool line_refused() const;  // by whoever answered the REGISTER: a person has to act
  [[nodiscard]] bool stopped() const { return stopped_; }

  struct Counters {
    std::uint64_t added = 0, ended = 0, connected = 0, held = 0, digits = 0, command_failures = 0;
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }
  // "call:ringing>connected" ... with counts: how much of the endpoint's behaviour a world has seen.
  [[nodiscard]] const std::map<std::string, std::uint64_t>& transitions() const { return transitions_; }

 private:
  void added(const CallSnapshot& call, Time now);
  void changed(const CallSnapshot& call, Time now);
  void ended(const CallSnapshot& call, Time now);
  void step(const CallSnapshot& from, const CallSnapshot& to);

  std::string name_;
  Verdict& verdict_;
  std::map<LineId, LineSnapshot> lines_;
  std::map<CallId, CallSnapshot> calls_;
  std::set<CallId> seen_;
  std::map<std::string, std::uint64_t> transitions_;
  Counters counters_;
  bool stopped_ = false;
};

[[nodiscard]] std::string_view to_string(CallState state);
[[nodiscard]] std::string describe(const CallSnapshot& call);

}  // namespace sidetone::sim
