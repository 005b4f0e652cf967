// Reads a DNS response (RFC 1035 §4) as it came from the network. The bytes are hostile: every step is
// bounded, and a record that makes no sense is left out, whatever it claims.
#pragma once

#include <string_view>

#include "sip/location/dns.h"

namespace sidetone::sip {

// Records of the question's own name are given the name `asked`: the resolver may have appended a search
// domain. Outcome::failed, with a text, when the message as a whole cannot be read.
[[nodiscard]] DnsAnswer read_dns_answer(std::string_view bytes, std::string_view asked);

// Letters, digits, '-' and '_' in labels of 1 to 63, 253 in all (RFC 1035 §2.3.4); case does not matter.
[[nodiscard]] bool is_dns_name(std::string_view name);

}  // namespace sidetone::sip
