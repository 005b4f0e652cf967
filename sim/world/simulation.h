// What every kind of world has: one seed, which is the whole history, a network in virtual time, rules that
// watch it, and what remains to be told of it at the end.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "sim/clockwork.h"
#include "sim/event_queue.h"
#include "sim/mutation.h"
#include "sim/network.h"
#include "sim/storm_watch.h"
#include "sim/trace.h"
#include "sim/verdict.h"
#include "sip/stack.h"

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

[[nodiscard]] constexpr Time at(int s) { return Time{} + std::chrono::seconds(s); }
[[nodiscard]] IpAddress ip_of(std::uint8_t net, std::uint8_t host);  // 10.0.net.host

class Simulation {
 public:
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;
  [[nodiscard]] const Trace& trace() const { return trace_; }

 protected:
  // `salt`: so that kinds of worlds with one seed have nothing in common.
  Simulation(WorldOptions options, std::uint64_t salt);
  ~Simulation() = default;

  // After each pause, as long as that ends before `until`.
  using Pause = std::function<Duration()>;
  using Deed = std::function<void(Time)>;
  void repeat(Time now, Time until, Pause pause, Deed deed);
  // What is the same in all kinds; stacks are added one by one.
  [[nodiscard]] WorldResult result() const;
  static void add(WorldResult& result, const sip::Stack& stack);
  static void add(WorldResult& result, const std::map<std::string, std::uint64_t>& transitions,
                  std::string_view prefix = {});

  WorldOptions options_;
  SeededRandom random_;
  Trace trace_;
  Verdict verdict_;
  EventQueue queue_;
  Network network_;
  StormWatch storms_{verdict_};
  Clockwork clockwork_{queue_, verdict_};
  std::uint64_t faults_ = 0;
  std::map<std::string, std::uint64_t> faults_by_kind_;
};

}  // namespace sidetone::sim
