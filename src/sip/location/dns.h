// Questions to the resolver and its answers, as plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/address.h"
#include "base/strong_id.h"

namespace sidetone::sip {

using DnsQueryId = StrongId<struct DnsQueryTag>;

enum class DnsType : std::uint16_t { a = 1, cname = 5, soa = 6, aaaa = 28, srv = 33, naptr = 35 };
[[nodiscard]] std::string_view to_string(DnsType type);  // "NAPTR"

// Names are in lower case, without the final dot; the root is empty.
struct DnsQuery {
  DnsQueryId id;
  std::string name;
  DnsType type = DnsType::a;
};

struct SrvData {  // RFC 2782
  std::uint16_t priority = 0, weight = 0, port = 0;
  std::string target;  // empty: "." , the service is decidedly not available
};
struct NaptrData {  // RFC 3403 §4.1
  std::uint16_t order = 0, preference = 0;
  std::string flags, services, regexp, replacement;
};
struct CnameData {
  std::string target;
};
struct DnsRecord {
  std::string name;
  std::chrono::seconds ttl{0};
  std::variant<IpAddress, SrvData, NaptrData, CnameData> data;  // A and AAAA: the address
};

struct DnsAnswer {
  enum class Outcome {
    answered,   // perhaps with nothing of the type that was asked for
    no_name,    // NXDOMAIN
    no_answer,  // no server was reached, or none answered in time
    failed,     // SERVFAIL, REFUSED and the like, or bytes that make no sense
  };
  Outcome outcome = Outcome::answered;
  std::string text;  // of a failure: "server 192.0.2.53:53 did not answer within 3 s"
  std::vector<DnsRecord> answers, additional;
  std::optional<std::chrono::seconds> negative_ttl;  // RFC 2308 §5, when there was a SOA
};

}  // namespace sidetone::sip
