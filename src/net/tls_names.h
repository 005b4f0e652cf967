// Who a certificate says its holder is (RFC 5922 §7.1), and whether that is whom we wanted (§7.2, §7.3).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/openssl.h"

namespace sidetone::net {

struct CertificateNames {
  // SIP domain identities: the host parts of "sip:domain" URIs; DNS names only when there are none of these;
  // the subject's CN only when there is no subjectAltName at all.
  std::vector<std::string> domains;
  std::vector<std::string> addresses;  // iPAddress, in text
  // For words to a person: everything found, with its kind ("DNS:a.example", "CN=a.example").
  std::vector<std::string> found;
};

[[nodiscard]] CertificateNames names_of(const X509& certificate);

// Whole names without case: RFC 5922 §7.2 forbids wildcards in SIP, so "*.a.example" is nobody's name.
// `wanted` may be an IP address, of which RFC 5922 does not speak: it is looked for in the iPAddress entries
// and, written out, among the domains, where certificates of PBXs in closed networks have it.
[[nodiscard]] bool matches(const CertificateNames& names, std::string_view wanted);

}  // namespace sidetone::net
