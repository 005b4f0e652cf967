// Answers of the resolver for as long as they hold: TTLs (RFC 1035 §3.2.1), failures (RFC 2308), and what has
// run out, for when nothing better comes (RFC 8767).
#pragma once

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "sip/location/dns.h"

namespace sidetone::sip {

// What is known about one name and type.
struct DnsFact {
  enum class Kind { found, none, failed } kind = Kind::none;
  bool no_answer = false;          // failed: nobody answered at all
  std::string text;                // of a failure or of none: "SRV _sip._udp.example.com: no such name"
  std::vector<DnsRecord> records;  // of the type that was asked for
  std::string alias;               // kind none: the name is an alias of this one, which is to be asked next
  std::vector<DnsRecord> additional;  // addresses and SRV records of the names in `records`
  Time expires{};
};
using DnsFactPtr = std::shared_ptr<const DnsFact>;

// Aliases are followed, TTLs kept between their bounds.
[[nodiscard]] DnsFact fact_of(std::string_view name, DnsType type, const DnsAnswer& answer, Time now);

class AnswerCache {
 public:
  void put(const std::string& name, DnsType type, DnsFactPtr fact);
  [[nodiscard]] DnsFactPtr fresh(const std::string& name, DnsType type, Time now);
  // Found before, and run out not too long ago.
  [[nodiscard]] DnsFactPtr stale(const std::string& name, DnsType type, Time now) const;
  // RFC 8767 §5: nothing better came, so the old answer counts for a little while before it is asked again.
  void renew(const std::string& name, DnsType type, Time now);
  // Another network may give other answers: all is asked again, and kept only against dead resolvers.
  void expire_all(Time now);
  [[nodiscard]] std::size_t size() const { return by_key_.size(); }

 private:
  struct Entry {
    DnsFactPtr fact;
    Time expires;
    std::list<std::string>::iterator place;
  };
  static std::string key(const std::string& name, DnsType type);

  std::unordered_map<std::string, Entry> by_key_;
  std::list<std::string> use_;  // the longest unused first
};

}  // namespace sidetone::sip
