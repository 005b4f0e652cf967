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
  }
  return seconds(1);
}

}  // namespace

std::vector<Fault> draw_faults(const std::vector<IpAddress>& phones, IpAddress server, Time from, Time until,
                               Random& random) {
  std::vector<Fault> faults;
  const auto count = 3 + random.below(4);
  for (std::uint64_t i = 0; i < count; ++i) {
    Fault fault;
    fault.kind = static_cast<FaultKind>(random.below(4));
    fault.where = phones[random.below(phones.size())];
    // The server's own link fails now and then, for everybody at once.
    if (random.chance(0.12) && fault.kind != FaultKind::stream_reset) fault.where = server;
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
