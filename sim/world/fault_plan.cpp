#include "sim/fault_plan.h"

#include <algorithm>

namespace sidetone::sim {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string_view to_string(FaultKind kind) {
  switch (kind) {
    case FaultKind::loss_burst: return "loss burst";
    case FaultKind::cut: return "cut";
    case FaultKind::slow: return "slow";
    case FaultKind::stream_reset: return "stream reset";
    case FaultKind::blocked: return "blocked";
    case FaultKind::crash: return "crash";
    case FaultKind::power_off: return "power off";
    case FaultKind::dns: return "dns";
    case FaultKind::sleep: return "sleep";
    case FaultKind::count_: break;
  }
  return "?";
}

namespace {

// Short ones fall between retransmissions; long ones outlast every SIP timer (64*T1 = 32 s).
Duration draw_length(FaultKind kind, Random& random) {
  switch (kind) {
    case FaultKind::loss_burst: return seconds(5 + random.below(35));
    case FaultKind::cut:
      return random.chance(0.35) ? seconds(45 + random.below(20)) : seconds(1 + random.below(30));
    case FaultKind::slow: return seconds(5 + random.below(20));
    case FaultKind::stream_reset: return Duration(1);
    case FaultKind::blocked: return seconds(5 + random.below(70));
    case FaultKind::crash:
    case FaultKind::power_off:
      return random.chance(0.3) ? seconds(60 + random.below(60)) : seconds(1 + random.below(40));
    case FaultKind::dns: return seconds(10 + random.below(100));
    case FaultKind::sleep: return seconds(5 + random.below(115));
    case FaultKind::count_: break;
  }
  return seconds(1);
}

}  // namespace

std::vector<Fault> draw_faults(const FaultPlaces& places, Time from, Time until, Random& random) {
  const auto one_of = [&](const std::vector<IpAddress>& ips) { return ips[random.below(ips.size())]; };
  std::vector<Fault> faults;
  const auto count = 3 + random.below(4);
  int crashes = 0;
  while (faults.size() < count) {
    Fault fault;
    fault.kind = static_cast<FaultKind>(random.below(static_cast<std::uint64_t>(FaultKind::count_)));
    const bool crash = fault.kind == FaultKind::crash || fault.kind == FaultKind::power_off;
    if (fault.kind == FaultKind::dns && !places.names) continue;
    if (crash && ++crashes > 2) continue;  // more, and hardly a call would live to be looked at
    fault.where = crash ? one_of(places.servers) : one_of(places.phones);
    // A server's own link fails now and then, for everybody at once.
    if (random.chance(0.12) && fault.kind < FaultKind::stream_reset) fault.where = one_of(places.servers);
    if (fault.kind == FaultKind::blocked) {
      fault.other = random.chance(0.7) ? one_of(places.servers) : one_of(places.phones);
      fault.both_ways = random.chance(0.5);
      if (random.chance(0.5)) std::swap(fault.where, fault.other);
    }
    if (fault.kind == FaultKind::sleep) fault.both_ways = random.chance(0.7);
    fault.trouble =
        static_cast<DnsTrouble>(1 + random.below(static_cast<std::uint64_t>(DnsTrouble::count_) - 1));
    const auto span = static_cast<std::uint64_t>((until - from).count());
    fault.from = from + Duration(random.below(span * 9 / 10));
    fault.until = std::min(until, fault.from + draw_length(fault.kind, random));
    fault.loss = 0.2 + 0.5 * random.unit();
    fault.delay = milliseconds(200 + random.below(1300));
    faults.push_back(fault);
  }
  return faults;
}

}  // namespace sidetone::sim
