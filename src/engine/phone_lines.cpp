// Where the lines of a phone listen.
#include <fmt/format.h>

#include <algorithm>

#include "engine/line_address.h"
#include "engine/phone_engine.h"

namespace sidetone::engine {

Expected<Address> PhoneEngine::prepare(endpoint::CoreLine& line) {
  line.server_host = net::with_numeric_zone(line.server_host);
  const auto ip = line_address(line, public_);
  if (!ip) return tl::make_unexpected(ip.error());
  auto sockets = sockets_for(*ip);
  if (!sockets) return tl::make_unexpected(sockets.error());
  line.socket = sockets->udp;
  line.media_ip = *ip;
  if (line.transport == sip::Transport::tls) {
    const bool on_all = !settings_.sip_port_binding;
    auto ready = prepare_tls(line, {on_all ? IpAddress{.family = ip->family} : *ip, sockets->local.port});
    if (!ready) return tl::make_unexpected(ready.error());
  }
  return sockets->local;
}

// RFC 5626 §4.1: a UUID that stays the same, here with the hardware address as its node (RFC 9562 §5.1).
void PhoneEngine::name_instances(PhoneSettings& settings) const {
  for (auto& line : settings.core.lines) {
    line.instance_urn.clear();
    if (!settings.include_mac_address) continue;
    const auto node = facts_.hardware_address_of(line.media_ip);
    if (!node.empty()) line.instance_urn = fmt::format("urn:uuid:00000000-0000-1000-8000-{}", node);
  }
}

// With a certificate of our own we are a server, too: at the port behind the plain one, as 5061 is behind
// 5060, or at any when that is taken.
Expected<void> PhoneEngine::prepare_tls(endpoint::CoreLine& line, const Address& plain) {
  if (!tls_profile_) {
    const auto added = host_.add_tls_profile(settings_.tls);
    if (!added) return tl::make_unexpected(added.error());
    tls_profile_ = *added;
  }
  line.tls_profile = tls_profile_;
  if (settings_.tls.certificate_file.empty()) return {};
  if (std::find(tls_listeners_.begin(), tls_listeners_.end(), plain.ip) != tls_listeners_.end()) return {};
  auto listening = host_.listen_tls({plain.ip, static_cast<std::uint16_t>(plain.port + 1)}, tls_profile_);
  if (!listening && listening.error().fault == Fault::busy)
    listening = host_.listen_tls({plain.ip, 0}, tls_profile_);
  if (!listening) return tl::make_unexpected(listening.error());
  tls_listeners_.push_back(plain.ip);
  return {};
}

// With sip_port_binding=0 all addresses of a family share one socket and its port.
Expected<SipHost::BoundPair> PhoneEngine::sockets_for(const IpAddress& ip) {
  const auto bound_to = settings_.sip_port_binding ? ip : IpAddress{.family = ip.family};
  auto found = std::find_if(sockets_.begin(), sockets_.end(),
                            [&](const auto& entry) { return entry.first == bound_to; });
  if (found == sockets_.end()) {
    auto made = host_.bind_both(bound_to, settings_.sip_port_min, settings_.sip_port_max);
    if (!made) return made;
    found = sockets_.emplace(sockets_.end(), bound_to, *made);
  }
  auto pair = found->second;
  if (!settings_.sip_port_binding) {
    pair.udp = host_.socket_at(pair.udp, ip);
    pair.local.ip = ip;
  }
  if (!public_.name.empty())
    for (const auto socket : {pair.udp, pair.tcp})
      stack_.transport().set_public_host(socket, public_.name, pair.local.port);
  return pair;
}

}  // namespace sidetone::engine
