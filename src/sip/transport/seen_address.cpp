#include "sip/transport/seen_address.h"

#include <algorithm>

#include "base/text.h"

namespace sidetone::sip {

std::optional<SeenAddress> seen_address(const Via& via, const Flow& flow, std::span<const IpAddress> own) {
  const auto received = IpAddress::parse(via.received());
  const auto rport = parse_number<std::uint16_t>(via.params.get("rport"));
  // RFC 3261 §18.2.1: no `received` means that the address in sent-by was right. A lone rport then tells
  // the port (RFC 3581 §4 wants both, older servers send one).
  if (!received && !rport) return std::nullopt;
  SeenAddress seen;
  seen.address = flow.local;
  if (received) seen.address.ip = *received;
  if (rport && *rport != 0) seen.address.port = *rport;
  const bool is_own =
      std::any_of(own.begin(), own.end(), [&](const auto& ip) { return ip.same_host(seen.address.ip); });
  const bool same_ip = seen.address.ip.same_host(flow.local.ip) || (flow.local.ip.is_unspecified() && is_own);
  if (same_ip && (flow.local.port == 0 || seen.address.port == flow.local.port)) {
    seen.as = SeenAs::itself;
  } else if (!same_ip && is_own) {
    seen.as = SeenAs::other_own;
  } else {
    seen.as = SeenAs::translated;
  }
  return seen;
}

}  // namespace sidetone::sip
