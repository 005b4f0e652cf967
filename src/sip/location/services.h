// Selection among NAPTR and SRV records: RFC 3263 §4.1 and §4.2 over RFC 3403 and RFC 2782.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sip/location/dns.h"
#include "sip/transport/flow.h"

namespace sidetone::sip {

struct Service {
  std::string srv_name;  // "_sip._udp.example.com"
  Transport transport = Transport::udp;
  friend bool operator==(const Service&, const Service&) = default;
};

// The services that the NAPTR records offer and that we speak, in their order.
[[nodiscard]] std::vector<Service> services_of(std::span<const DnsRecord> naptr, bool sips);
// Those to be asked for when there is no NAPTR record that helps.
[[nodiscard]] std::vector<Service> default_services(std::string_view host, bool sips);
[[nodiscard]] Service service_of(Transport transport, std::string_view host);

// Lowest priority first, at most `targets_max`. Weights are ignored (SDK guide), so records of one priority
// stay in the order in which the server gave them: a server that wants to spread the load turns it.
[[nodiscard]] std::vector<SrvData> in_order(std::span<const DnsRecord> srv, std::size_t targets_max);
// RFC 2782: a single record with target "." says that there is no such service at this domain.
[[nodiscard]] bool is_decidedly_absent(std::span<const DnsRecord> srv);

}  // namespace sidetone::sip
