// What goes wrong: the plan of the seed, carried out.
#include <fmt/format.h>

#include "sim/world.h"

namespace sidetone::sim {

void World::plan_faults(Time from, Time until) {
  FaultPlaces places;
  for (const auto& phone : phones_) {
    places.phones.push_back(phone->ip());
    places.names |= phone->settings().named;
  }
  for (const auto& server : servers_) places.servers.push_back(server->ip());
  for (const auto& fault : draw_faults(places, from, until, random_)) {
    queue_.at(fault.from, [this, fault](Time now) { begin(fault, now); });
    queue_.at(fault.until, [this, fault](Time now) { end(fault, now); });
  }
}

// The first server is taken out of service: its names lead to the second one from now on, and after a while,
// when nobody can have a reason to speak to it, it is switched off. A line that keeps old answers is lost.
void World::plan_renumbering(Time when, Time until) {
  constexpr Duration in_use_still = std::chrono::seconds(100);  // longer than any TTL of the zone
  queue_.at(when, [this](Time now) {
    trace_.note(now, "network", [] { return "the names lead to server2 now"; });
    ++faults_by_kind_["renumbering"];
    names_->lead_to({server_ip(1)}, now);
  });
  queue_.at(when + in_use_still, [this](Time now) {
    servers_.front()->retire();
    servers_.front()->crash(true, now);
  });
  queue_.at(until, [this](Time now) { servers_.front()->restart(now); });
}

ServerNode* World::server_at(IpAddress ip) {
  for (const auto& server : servers_)
    if (server->ip() == ip) return server.get();
  return nullptr;
}

Phone* World::phone_at(IpAddress ip) {
  for (const auto& phone : phones_)
    if (phone->ip() == ip) return phone.get();
  return nullptr;
}

void World::block(const Fault& fault, bool on, Time now) {
  network_.set_blocked(fault.where, fault.other, on, now);
  if (fault.both_ways) network_.set_blocked(fault.other, fault.where, on, now);
}

void World::begin(const Fault& fault, Time now) {
  ++faults_;
  const auto kind = fault.kind == FaultKind::dns ? fmt::format("dns {}", to_string(fault.trouble))
                                                 : std::string(to_string(fault.kind));
  ++faults_by_kind_[kind];
  trace_.note(now, "network", [&] {
    return fmt::format("{} at {}{}{} until {}", kind, fault.where.to_string(),
                       fault.kind == FaultKind::blocked ? (fault.both_ways ? " <-> " : " -> ") : "",
                       fault.kind == FaultKind::blocked ? fault.other.to_string() : "", stamp(fault.until));
  });
  switch (fault.kind) {
    case FaultKind::loss_burst: network_.set_extra_loss(fault.where, fault.loss, now); break;
    case FaultKind::cut: network_.set_cut(fault.where, true, now); break;
    case FaultKind::slow: network_.set_extra_delay(fault.where, fault.delay, now); break;
    case FaultKind::stream_reset: network_.reset_streams(fault.where, now); break;
    case FaultKind::blocked: block(fault, true, now); break;
    case FaultKind::crash:
    case FaultKind::power_off: server_at(fault.where)->crash(fault.kind == FaultKind::power_off, now); break;
    case FaultKind::dns: names_->set_trouble(fault.trouble, now); break;
    case FaultKind::sleep:
      if (auto* phone = phone_at(fault.where)) phone->fall_asleep(now);
      break;
    case FaultKind::count_: break;
  }
}

void World::end(const Fault& fault, Time now) {
  switch (fault.kind) {
    case FaultKind::loss_burst: network_.set_extra_loss(fault.where, 0, now); break;
    case FaultKind::cut: network_.set_cut(fault.where, false, now); break;
    case FaultKind::slow: network_.set_extra_delay(fault.where, Duration::zero(), now); break;
    case FaultKind::stream_reset: break;
    case FaultKind::blocked: block(fault, false, now); break;
    case FaultKind::crash:
    case FaultKind::power_off:
      if (!server_at(fault.where)->is_retired()) server_at(fault.where)->restart(now);
      break;
    case FaultKind::dns: names_->set_trouble(DnsTrouble::none, now); break;
    case FaultKind::sleep:
      // An hour, as its clocks say, or what the others saw of it; the timers' clock stood still, or did not.
      if (auto* phone = phone_at(fault.where))
        phone->resume(fault.both_ways,
                      fault.loss > 0.4 ? Duration(std::chrono::hours(1)) : fault.until - fault.from, now);
      break;
    case FaultKind::count_: break;
  }
}

}  // namespace sidetone::sim
