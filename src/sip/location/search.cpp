#include "sip/location/search.h"

#include <algorithm>

#include "sip/transport/via_text.h"

namespace sidetone::sip {
namespace {

// Bound: NAPTR, eight services, twenty targets in two families, some aliases. What asks for more is a maze.
constexpr std::size_t questions_max = 64;
constexpr int aliases_max = 8;

// The records of `name` among the additional ones, as an answer.
DnsFactPtr from_additional(const DnsFact* from, const std::string& name, DnsType type) {
  if (from == nullptr) return nullptr;
  DnsFact fact;
  fact.kind = DnsFact::Kind::found;
  for (const auto& record : from->additional) {
    if (record.name != name) continue;
    const auto* ip = std::get_if<IpAddress>(&record.data);
    const bool fits = type == DnsType::srv ? std::holds_alternative<SrvData>(record.data)
                                           : ip != nullptr && ip->is_v4() == (type == DnsType::a);
    if (fits) fact.records.push_back(record);
  }
  if (fact.records.empty()) return nullptr;
  if (type == DnsType::srv) fact.additional = from->additional;
  return std::make_shared<const DnsFact>(std::move(fact));
}

}  // namespace

bool Search::work_out(const Known& known) {
  known_ = &known;
  open_.clear();
  found_ = {};
  only_services_ = false;
  silence_blamed_ = false;
  const auto& to = destination_;
  const auto usual = to.transport.value_or(to.sips ? Transport::tls : Transport::udp);
  if (to.port != 0) {  // §4.2: a port was told, so there is nothing for SRV records to say
    by_address(usual);
    return open_.empty();
  }
  if (to.transport) {
    by_services({service_of(*to.transport, to.host)}, nullptr);
  } else if (const auto naptr = ask_through(to.host, DnsType::naptr)) {
    // A resolver that cannot speak of NAPTR is no reason to give up: many a home router swallows the
    // question. §4.1: without usable records the services are asked for one by one.
    const auto services = services_of(naptr->records, to.sips);
    by_services(services.empty() ? default_services(to.host, to.sips) : services, naptr.get());
  }
  // §4.2: no SRV record at all: the addresses of the name itself. That a question for SRV got no answer is no
  // reason against it: some routers know A only, and the hosts file has nothing else.
  if (found_.targets.empty() && open_.empty() && !only_services_) by_address(usual);
  return open_.empty();
}

void Search::by_services(const std::vector<Service>& services, const DnsFact* naptr) {
  for (const auto& [name, transport] : services) {
    auto srv = from_additional(naptr, name, DnsType::srv);
    if (!srv) srv = ask_through(name, DnsType::srv);
    if (!srv) continue;
    if (srv->kind != DnsFact::Kind::found) {
      blame(*srv);
      continue;
    }
    only_services_ = true;
    if (is_decidedly_absent(srv->records)) {
      found_.error = "SRV " + name + ": the domain says that it has no such service";
      continue;
    }
    const auto order = in_order(srv->records, targets_max_);
    if (order.empty()) found_.error = "SRV " + name + ": no record names a host and a port";
    for (const auto& one : order) add_addresses(one.target, one.port, transport, srv.get());
  }
}

void Search::by_address(Transport transport) {
  const auto port = destination_.port != 0 ? destination_.port : default_port(transport);
  add_addresses(destination_.host, port, transport, nullptr);
}

// One family per name (SDK guide: no mix of IPv4 and IPv6 under one name): the preferred one that has any.
bool Search::add_addresses(const std::string& name, std::uint16_t port, Transport transport,
                           const DnsFact* srv) {
  for (const auto family : destination_.families) {
    const auto type = family == IpAddress::Family::v4 ? DnsType::a : DnsType::aaaa;
    auto fact = from_additional(srv, name, type);
    if (!fact) fact = ask_through(name, type);
    if (!fact) return false;
    if (fact->kind != DnsFact::Kind::found) {
      blame(*fact);
      continue;
    }
    for (const auto& record : fact->records) {
      if (found_.targets.size() >= targets_max_) break;
      const Target target{transport, {std::get<IpAddress>(record.data), port}, destination_.host};
      if (std::find(found_.targets.begin(), found_.targets.end(), target) == found_.targets.end())
        found_.targets.push_back(target);
    }
    return true;
  }
  return false;
}

void Search::blame(const DnsFact& fact) {
  // The first failure is the one to mend; that a name merely has no such record explains less.
  if (found_.error.empty() || (fact.no_answer && !silence_blamed_)) found_.error = fact.text;
  silence_blamed_ = silence_blamed_ || fact.no_answer;
}

DnsFactPtr Search::ask(const std::string& name, DnsType type) {
  const Question question{name, type};
  if (const auto at = facts_.find(question); at != facts_.end()) return at->second;
  if (facts_.size() + open_.size() >= questions_max) {
    DnsFact maze;
    maze.kind = DnsFact::Kind::failed;
    maze.text = destination_.host + ": its records lead to too many questions";
    return std::make_shared<const DnsFact>(std::move(maze));
  }
  if (auto fact = (*known_)(question)) {
    facts_.emplace(question, fact);
    return fact;
  }
  open_.insert(question);
  return nullptr;
}

DnsFactPtr Search::ask_through(std::string name, DnsType type) {
  for (int followed = 0;; ++followed) {
    auto fact = ask(name, type);
    if (!fact || fact->alias.empty()) return fact;
    if (followed == aliases_max) {
      DnsFact loop;
      loop.kind = DnsFact::Kind::failed;
      loop.text = std::string(to_string(type)) + " " + name + ": the chain of aliases is too long";
      return std::make_shared<const DnsFact>(std::move(loop));
    }
    name = fact->alias;
  }
}

}  // namespace sidetone::sip
