// Messages that wait for a name.
#include <fmt/format.h>

#include <algorithm>

#include "sip/transport/transport_impl.h"

namespace sidetone::sip {

using flows::Outgoing;

Locator& TransportLayer::locator() { return impl_->locator; }

Destination TransportLayer::destination_of(const NextHop& next_hop) const {
  return impl_->destination_of(next_hop);
}

void TransportLayer::dns_answer(DnsQueryId id, const DnsAnswer& answer, Time now) {
  if (!answer.text.empty()) impl_->note(LogLevel::warning, answer.text, now);
  impl_->locator.dns_answer(id, answer, now);
}

Destination TransportLayer::Impl::destination_of(const NextHop& hop) const {
  Destination to{hop.host, hop.port, {}, hop.transport == Transport::tls, {}};
  if (!hop.any_transport) to.transport = hop.transport;
  // A request that must leave by a socket can only go to its IP version.
  if (const auto* socket = sockets.find(hop.socket)) {
    to.families = {socket->local.ip.family};
    return to;
  }
  for (const auto family : settings.location.families)
    if (sockets.has(family)) to.families.push_back(family);
  return to;  // none bound: the locator takes all that are wanted
}

void TransportLayer::Impl::resolve(Outgoing out, const NextHop& hop, Time now) {
  out.host_name = hop.host;
  out.preferred = hop.preferred;
  out.tls.profile = hop.tls_profile;  // NAPTR records may choose TLS
  const auto destination = destination_of(hop);
  std::string key = fmt::format("{} {} {}:{} {}", to_string(hop.transport), hop.any_transport, hop.host,
                                hop.port, hop.socket.value);
  if (const auto at = resolving.find(key); at != resolving.end()) {
    if (at->second.size() >= settings.pending_per_resolve_max)
      return fail(out, fmt::format("Too many requests wait for the address of {}", hop.host));
    return wait(at->second, std::move(out));
  }
  const auto known = locator.locate(
      destination, now, [this, key](const Located& located, Time then) { resolved(key, located, then); });
  wait(resolving[key], std::move(out));
  if (known) resolved(key, *known, now);
}

void TransportLayer::Impl::resolved(const std::string& key, const Located& located, Time now) {
  const auto waiting = resolving.extract(key);
  if (waiting.empty()) return;
  for (auto& out : waiting.mapped()) {
    if (!still_wanted(out)) continue;
    if (located.targets.empty()) {
      fail(out, fmt::format("The name {} could not be resolved: {}", out.host_name, located.error));
      continue;
    }
    const auto wanted = std::find_if(located.targets.begin(), located.targets.end(),
                                     [&](const Target& one) { return one.address == out.preferred; });
    const auto& target = wanted == located.targets.end() ? located.targets.front() : *wanted;
    out.transport = target.transport;
    if (out.transport == Transport::tls && out.tls.name.empty())
      out.tls.name = flows::tls_name(out.host_name);
    send_to(std::move(out), target.address, now);
  }
}

}  // namespace sidetone::sip
