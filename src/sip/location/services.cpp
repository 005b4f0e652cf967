#include "sip/location/services.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace sidetone::sip {
namespace {

// Bound: there are three services that we know; a zone may name each of them at several domains.
constexpr std::size_t services_max = 8;

std::optional<Transport> transport_of(const NaptrData& naptr, bool sips) {
  // RFC 3263 §4.1: flag "s", the replacement is the name of an SRV record. A regular expression would
  // rewrite what the user dialled; SIP has no use for it.
  if (!iequals(naptr.flags, "s") || !naptr.regexp.empty() || naptr.replacement.empty()) return {};
  if (iequals(naptr.services, "SIPS+D2T")) return Transport::tls;
  if (sips) return {};  // §4.1: a sips URI leads to TLS or nowhere
  if (iequals(naptr.services, "SIP+D2U")) return Transport::udp;
  if (iequals(naptr.services, "SIP+D2T")) return Transport::tcp;
  return {};
}

}  // namespace

std::vector<Service> services_of(std::span<const DnsRecord> records, bool sips) {
  std::vector<NaptrData> usable;
  for (const auto& record : records)
    if (const auto* naptr = std::get_if<NaptrData>(&record.data))
      if (transport_of(*naptr, sips)) usable.push_back(*naptr);
  std::stable_sort(usable.begin(), usable.end(), [](const NaptrData& a, const NaptrData& b) {
    return a.order != b.order ? a.order < b.order : a.preference < b.preference;
  });
  std::vector<Service> services;
  for (const auto& naptr : usable) {
    // RFC 3403 §4.1: once a record matches, those with another order must not be considered.
    if (naptr.order != usable.front().order || services.size() >= services_max) break;
    services.push_back({naptr.replacement, *transport_of(naptr, sips)});
  }
  return services;
}

Service service_of(Transport transport, std::string_view host) {
  switch (transport) {
    case Transport::udp: return {fmt::format("_sip._udp.{}", host), transport};
    case Transport::tcp: return {fmt::format("_sip._tcp.{}", host), transport};
    case Transport::tls: return {fmt::format("_sips._tcp.{}", host), transport};
  }
  return {};
}

std::vector<Service> default_services(std::string_view host, bool sips) {
  if (sips) return {service_of(Transport::tls, host)};
  return {service_of(Transport::udp, host), service_of(Transport::tcp, host),
          service_of(Transport::tls, host)};
}

std::vector<SrvData> in_order(std::span<const DnsRecord> records, std::size_t targets_max) {
  std::vector<SrvData> order;
  for (const auto& record : records)
    if (const auto* srv = std::get_if<SrvData>(&record.data))
      if (!srv->target.empty() && srv->port != 0) order.push_back(*srv);
  std::stable_sort(order.begin(), order.end(),
                   [](const SrvData& a, const SrvData& b) { return a.priority < b.priority; });
  if (order.size() > targets_max) order.resize(targets_max);
  return order;
}

bool is_decidedly_absent(std::span<const DnsRecord> records) {
  std::size_t count = 0;
  bool root = false;
  for (const auto& record : records)
    if (const auto* srv = std::get_if<SrvData>(&record.data)) {
      ++count;
      root = srv->target.empty();
    }
  return count == 1 && root;
}

}  // namespace sidetone::sip
