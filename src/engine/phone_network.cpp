// What the phone does when its network changes: lines follow, sockets without use are closed.
#include <algorithm>

#include "engine/line_address.h"
#include "engine/phone_engine.h"
#include "net/interfaces.h"

namespace sidetone::engine {

void PhoneEngine::on_sip_event(sip::Event&& event, Time now) {
  const auto* seen = std::get_if<sip::AddressSeen>(&event);
  if (seen != nullptr && seen->as == sip::SeenAs::other_own)
    if (const auto line = core_->line_of(seen->account)) move_line(*line, seen->address.ip, now);
  core_->handle(std::move(event), now);
}

void PhoneEngine::move_line(LineId id, const IpAddress& ip, Time now) {
  auto sockets = sockets_for(ip);
  if (!sockets) return core_->media_warning(sockets.error());
  auto& line = settings_.core.lines.at(id.index);
  line.media_ip = ip;
  line.socket = sockets->udp;
  line_addresses_.at(id.index) = sockets->local;
  core_->move_line(id, sockets->udp, sockets->local, now);
}

void PhoneEngine::network_changed(net::NetworkFacts facts) {
  const Time now = host_.now();
  facts.fqdn = facts_.fqdn;
  facts_ = std::move(facts);
  // An interface that is gone for a moment: the lines stay where they are until there is somewhere to go.
  auto chosen = net::choose_public_address(settings_.public_address, settings_.ip_versions, facts_);
  if (chosen) {
    public_ = *chosen;
    if (!public_.is_automatic) host_.connect_from(public_.ip);
  }
  stack_.on_network_change(facts_.addresses(), now);
  for (std::size_t i = 0; chosen && i < settings_.core.lines.size(); ++i) {
    const auto& line = settings_.core.lines[i];
    const auto ip = line_address(line, public_);
    if (ip && *ip != line.media_ip) move_line(LineId{static_cast<std::uint8_t>(i)}, *ip, now);
  }
  if (chosen) move_former_calls(now);
  close_unused_sockets();
  host_.drain();
}

// Those whose line has another server by now, or is no more: their own address is all that can go.
void PhoneEngine::move_former_calls(Time now) {
  for (const auto& ip : core_->addresses_of_former_lines()) {
    if (facts_.has(ip) || public_.ip.family != ip.family) continue;
    if (const auto sockets = sockets_for(public_.ip))
      core_->move_former_calls(ip, sockets->udp, public_.ip, now);
  }
}

// Of addresses that this machine has no more; one that a line still waits for stays.
void PhoneEngine::close_unused_sockets() {
  std::erase_if(sockets_, [this](const auto& entry) {
    const auto& ip = entry.first;
    const auto& lines = settings_.core.lines;
    if (ip.is_unspecified() || facts_.has(ip) ||
        std::any_of(lines.begin(), lines.end(), [&](const auto& line) { return line.media_ip == ip; }))
      return false;
    host_.close(entry.second.udp);
    host_.close(entry.second.tcp);
    return true;
  });
}

void PhoneEngine::resumed(Duration slept) {
  stack_.on_resume(slept, host_.now());
  host_.drain();
}

}  // namespace sidetone::engine
