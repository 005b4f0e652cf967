#include "sip/location/answer_cache.h"

#include <fmt/format.h>

#include <algorithm>

namespace sidetone::sip {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// Floor: one call asks several times within a second or two, and a TTL of 0 ("this transaction only") is
// used by zones that change, not by zones that change every second. Without it each request would cost its
// own questions.
constexpr seconds ttl_min{5};
// A record that promises to hold for longer is either careless or a lie that should not outlive the night.
constexpr seconds ttl_max = hours(24);
// RFC 2308 §5 suggests up to three hours; a phone whose name has just been entered in the zone waits less.
constexpr seconds negative_max{300};
// Failures are kept just so long that the requests of one call do not all wait for them (RFC 2308 §7).
constexpr seconds failure_ttl{5};
// RFC 8767 §5: one to three days; a resolver that is down over a weekend leaves the phones working.
constexpr auto stale_max = hours(72);
constexpr seconds stale_retry{30};  // RFC 8767 §4: answer with TTL 30
// Bound: a line needs some ten entries; what is pushed out is only asked again.
constexpr std::size_t entries_max = 512;
constexpr int aliases_max = 8;
constexpr std::size_t additional_max = 64;

bool is_type(const DnsRecord& record, DnsType type) {
  switch (type) {
    case DnsType::a:
      if (const auto* ip = std::get_if<IpAddress>(&record.data)) return ip->is_v4();
      return false;
    case DnsType::aaaa:
      if (const auto* ip = std::get_if<IpAddress>(&record.data)) return !ip->is_v4();
      return false;
    case DnsType::srv: return std::holds_alternative<SrvData>(record.data);
    case DnsType::naptr: return std::holds_alternative<NaptrData>(record.data);
    default: return false;
  }
}

seconds held(seconds ttl) { return std::clamp(ttl, ttl_min, ttl_max); }

bool is_named_in(const std::vector<DnsRecord>& records, const std::string& name) {
  return std::any_of(records.begin(), records.end(), [&](const DnsRecord& record) {
    if (const auto* srv = std::get_if<SrvData>(&record.data)) return srv->target == name;
    if (const auto* naptr = std::get_if<NaptrData>(&record.data)) return naptr->replacement == name;
    return false;
  });
}

}  // namespace

DnsFact fact_of(std::string_view name, DnsType type, const DnsAnswer& answer, Time now) {
  const auto about = [&](std::string_view what) {
    return fmt::format("{} {}: {}", to_string(type), name, what);
  };
  DnsFact fact;
  if (answer.outcome == DnsAnswer::Outcome::failed || answer.outcome == DnsAnswer::Outcome::no_answer) {
    fact.kind = DnsFact::Kind::failed;
    fact.no_answer = answer.outcome == DnsAnswer::Outcome::no_answer;
    fact.text = about(answer.text);
    fact.expires = now + failure_ttl;
    return fact;
  }
  std::string current(name);
  seconds ttl = ttl_max;
  for (int followed = 0;; ++followed) {
    const DnsRecord* alias = nullptr;
    for (const auto& record : answer.answers) {
      if (record.name != current) continue;
      if (is_type(record, type)) {
        ttl = std::min(ttl, record.ttl);
        fact.records.push_back(record);
      } else if (std::holds_alternative<CnameData>(record.data)) {
        alias = &record;
      }
    }
    if (!fact.records.empty() || alias == nullptr) break;
    if (followed == aliases_max) {
      fact.kind = DnsFact::Kind::failed;
      fact.text = about("the chain of aliases is too long");
      fact.expires = now + failure_ttl;
      return fact;
    }
    ttl = std::min(ttl, alias->ttl);
    current = std::get<CnameData>(alias->data).target;
  }
  if (!fact.records.empty()) {
    fact.kind = DnsFact::Kind::found;
    // RFC 2181 §5.4.1: additional data is no answer. It serves this question only, and only for the names
    // that its answer speaks of, so that nobody can slip in the address of somebody else's server.
    for (const auto& record : answer.additional)
      if (fact.additional.size() < additional_max && is_named_in(fact.records, record.name)) {
        ttl = std::min(ttl, record.ttl);
        fact.additional.push_back(record);
      }
    fact.expires = now + held(ttl);
    return fact;
  }
  if (current != name && answer.outcome == DnsAnswer::Outcome::answered) fact.alias = current;
  fact.text = about(answer.outcome == DnsAnswer::Outcome::no_name ? "there is no such name"
                                                                  : "the name has no such record");
  fact.expires =
      now + (fact.alias.empty() ? std::clamp(answer.negative_ttl.value_or(failure_ttl), ttl_min, negative_max)
                                : held(ttl));
  return fact;
}

std::string AnswerCache::key(const std::string& name, DnsType type) {
  return fmt::format("{} {}", to_string(type), name);
}

void AnswerCache::put(const std::string& name, DnsType type, DnsFactPtr fact) {
  const auto id = key(name, type);
  if (const auto at = by_key_.find(id); at != by_key_.end()) {
    use_.splice(use_.end(), use_, at->second.place);
    at->second.expires = fact->expires;
    at->second.fact = std::move(fact);
    return;
  }
  if (by_key_.size() >= entries_max) {
    by_key_.erase(use_.front());
    use_.pop_front();
  }
  const auto expires = fact->expires;
  by_key_.emplace(id, Entry{std::move(fact), expires, use_.insert(use_.end(), id)});
}

DnsFactPtr AnswerCache::fresh(const std::string& name, DnsType type, Time now) {
  const auto at = by_key_.find(key(name, type));
  if (at == by_key_.end() || at->second.expires <= now) return nullptr;
  use_.splice(use_.end(), use_, at->second.place);
  return at->second.fact;
}

DnsFactPtr AnswerCache::stale(const std::string& name, DnsType type, Time now) const {
  const auto at = by_key_.find(key(name, type));
  if (at == by_key_.end()) return nullptr;
  const auto& fact = at->second.fact;
  const bool useful = fact->kind == DnsFact::Kind::found || !fact->alias.empty();
  return useful && now < fact->expires + stale_max ? fact : nullptr;
}

void AnswerCache::renew(const std::string& name, DnsType type, Time now) {
  if (const auto at = by_key_.find(key(name, type)); at != by_key_.end())
    at->second.expires = now + stale_retry;
}

void AnswerCache::expire_all(Time now) {
  for (auto& [id, entry] : by_key_) entry.expires = std::min(entry.expires, now);
}

}  // namespace sidetone::sip
