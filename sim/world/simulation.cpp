#include "sim/simulation.h"

#include <utility>

namespace sidetone::sim {

Simulation::Simulation(WorldOptions options, std::uint64_t salt)
    : options_(options),
      random_(options.seed * 0x9e3779b97f4a7c15u + salt),
      trace_(options.keep_trace),
      network_(queue_, random_, trace_) {
  network_.tap = [this](IpAddress, IpAddress, const sip::Bytes& bytes, Time now) {
    storms_.message(*bytes, now);
  };
}

IpAddress ip_of(std::uint8_t net, std::uint8_t host) {
  IpAddress address;
  address.bytes[0] = 10;
  address.bytes[2] = net;
  address.bytes[3] = host;
  return address;
}

void Simulation::repeat(Time now, Time until, Pause pause, Deed deed) {
  const Time next = now + pause();
  if (next >= until) return;
  queue_.at(next, [this, until, pause = std::move(pause), deed = std::move(deed)](Time when) mutable {
    deed(when);
    repeat(when, until, std::move(pause), std::move(deed));
  });
}

WorldResult Simulation::result() const {
  WorldResult result;
  result.seed = options_.seed;
  result.violations = verdict_.violations();
  result.hash = trace_.hash();
  result.faults = faults_;
  result.faults_by_kind = faults_by_kind_;
  result.noisiest = storms_.most();
  result.virtual_time = clockwork_.now().time_since_epoch();
  return result;
}

void Simulation::add(WorldResult& result, const sip::Stack& stack) {
  for (const auto& [name, count] : stack.transitions()) result.transitions[std::string(name)] += count;
  result.messages += stack.counters().messages_in;
}

void Simulation::add(WorldResult& result, const std::map<std::string, std::uint64_t>& transitions,
                     std::string_view prefix) {
  for (const auto& [name, count] : transitions) result.transitions[std::string(prefix) + name] += count;
}

}  // namespace sidetone::sim
