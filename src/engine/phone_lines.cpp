// Where the lines of a phone listen.
#include <fmt/format.h>

#include <algorithm>

#include "engine/phone_engine.h"

namespace sidetone::engine {
namespace {

std::optional<IpAddress> numeric(const std::string& host) {
  if (host == "localhost") return IpAddress::loopback_v4();
  const auto ip = IpAddress::parse(host);
  return ip ? std::optional(*ip) : std::nullopt;
}

std::string_view version_of(const IpAddress& ip) { return ip.is_v4() ? "IPv4" : "IPv6"; }

}  // namespace

Expected<Address> PhoneEngine::prepare(endpoint::CoreLine& line) {
  line.server_host = net::with_numeric_zone(line.server_host);
  const auto ip = address_for(line);
  if (!ip) return tl::make_unexpected(ip.error());
  auto sockets = sockets_for(*ip);
  if (!sockets) return tl::make_unexpected(sockets.error());
  line.socket = sockets->udp;
  line.media_ip = *ip;
  line.instance_urn = instance_urn(*ip);
  if (line.transport == sip::Transport::tls) {
    const bool on_all = !settings_.sip_port_binding;
    auto ready = prepare_tls(line, {on_all ? IpAddress{.family = ip->family} : *ip, sockets->local.port});
    if (!ready) return tl::make_unexpected(ready.error());
  }
  return sockets->local;
}

// RFC 5626 §4.1: a UUID that stays the same, here with the hardware address as its node (RFC 9562 §5.1).
std::string PhoneEngine::instance_urn(const IpAddress& ip) const {
  const auto node = settings_.include_mac_address ? facts_.hardware_address_of(ip) : std::string();
  return node.empty() ? std::string() : fmt::format("urn:uuid:00000000-0000-1000-8000-{}", node);
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

// The one of public_address. Where that was chosen by rule, the routing table knows better for a server whose
// address is known: what goes there leaves from another interface, and the registrar would tell us so.
Expected<IpAddress> PhoneEngine::address_for(const endpoint::CoreLine& line) const {
  const auto server = numeric(line.server_host);
  if (!server) return public_.ip;
  if (public_.is_automatic && (server->family == public_.ip.family || public_.any_family)) {
    auto local = net::local_address_towards({*server, line.server_port});
    // Without a route the line fails when it registers, and is tried again; a cable may be put in later.
    if (local || server->family == public_.ip.family) return local ? *local : public_.ip;
    return local;
  }
  if (server->family == public_.ip.family) return public_.ip;
  return fail(Layer::net, Fault::unreachable,
              fmt::format("the server {} of line {} is {}, the own address {} is {}", line.server_host,
                          line.user, version_of(*server), public_.ip.to_string(), version_of(public_.ip)),
              "let public_address, ip_versions and the server's address be of one IP version");
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
