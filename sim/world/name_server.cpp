#include "sim/name_server.h"

#include <fmt/format.h>

#include <algorithm>

namespace sidetone::sim {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// What a wrong answer's TTL may be at most: lies must be over when the rules count again.
constexpr seconds lie_ttl_max(20);
constexpr std::uint16_t sip_port = 5060;

std::string host_name(IpAddress server) { return fmt::format("s{}.{}", server.bytes[3], zone_name); }

sip::DnsAnswer failure(sip::DnsAnswer::Outcome outcome, std::string text) {
  sip::DnsAnswer answer;
  answer.outcome = outcome;
  answer.text = std::move(text);
  return answer;
}

sip::DnsAnswer nothing() {
  sip::DnsAnswer answer;
  answer.negative_ttl = lie_ttl_max;
  return answer;
}

}  // namespace

std::string_view to_string(DnsTrouble trouble) {
  switch (trouble) {
    case DnsTrouble::none: return "none";
    case DnsTrouble::silent: return "silent";
    case DnsTrouble::servfail: return "SERVFAIL";
    case DnsTrouble::empty: return "empty";
    case DnsTrouble::no_name: return "NXDOMAIN";
    case DnsTrouble::late: return "late";
    case DnsTrouble::lying: return "lying";
    case DnsTrouble::looping: return "looping";
    case DnsTrouble::excessive: return "excessive";
    case DnsTrouble::count_: break;
  }
  return "?";
}

NameServer::NameServer(EventQueue& queue, Random& random, std::vector<IpAddress> servers,
                       std::vector<IpAddress> strangers)
    : queue_(queue), random_(random), servers_(std::move(servers)), strangers_(std::move(strangers)) {
  constexpr int ttls_s[] = {0, 1, 10, 60};
  ttl_ = seconds(ttls_s[random_.below(4)]);
  has_naptr_ = random_.chance(0.5);
}

bool NameServer::leads_to(IpAddress server) const {
  return std::find(servers_.begin(), servers_.end(), server) != servers_.end();
}

void NameServer::set_trouble(DnsTrouble trouble, Time now) {
  trouble_ = trouble;
  last_trouble_ = now;
}

std::optional<Time> NameServer::well_since() const {
  if (trouble_ != DnsTrouble::none) return std::nullopt;
  Time since = last_trouble_ + (last_trouble_ == Time{} ? seconds(0) : lie_ttl_max);
  if (moved_) since = std::max(since, *moved_ + ttl_);
  return since;
}

void NameServer::ask(const sip::DnsQuery& query, Answer answer, Time now) {
  ++counters_.questions;
  ++counters_.answers[static_cast<std::size_t>(trouble_)];
  using Outcome = sip::DnsAnswer::Outcome;
  Duration delay = milliseconds(1 + random_.below(40));
  sip::DnsAnswer said;
  switch (trouble_) {
    case DnsTrouble::silent:
      delay = seconds(6);
      said = failure(Outcome::no_answer, "nobody answered within 6 s");
      break;
    case DnsTrouble::servfail: said = failure(Outcome::failed, "SERVFAIL"); break;
    case DnsTrouble::empty: said = nothing(); break;
    case DnsTrouble::no_name:
      said = failure(Outcome::no_name, "no such name");
      said.negative_ttl = lie_ttl_max;
      break;
    case DnsTrouble::late:
      delay = milliseconds(500 + random_.below(9000));
      said = truth(query);
      break;
    case DnsTrouble::lying: said = lie(query); break;
    case DnsTrouble::looping: said = circle(query); break;
    case DnsTrouble::excessive: said = excess(query); break;
    case DnsTrouble::none:
    case DnsTrouble::count_: said = truth(query); break;
  }
  queue_.at(now + delay,
            [answer = std::move(answer), said = std::move(said)](Time when) { answer(said, when); });
}

sip::DnsAnswer NameServer::truth(const sip::DnsQuery& query) const {
  sip::DnsAnswer answer;
  const auto add = [&](auto data) { answer.answers.push_back({query.name, ttl_, std::move(data)}); };
  const bool udp = query.name == fmt::format("_sip._udp.{}", zone_name);
  const bool tcp = query.name == fmt::format("_sip._tcp.{}", zone_name);
  if (query.type == sip::DnsType::naptr && query.name == zone_name && has_naptr_) {
    add(sip::NaptrData{10, 10, "s", "SIP+D2U", "", fmt::format("_sip._udp.{}", zone_name)});
    add(sip::NaptrData{20, 10, "s", "SIP+D2T", "", fmt::format("_sip._tcp.{}", zone_name)});
  } else if (query.type == sip::DnsType::srv && (udp || tcp)) {
    for (std::size_t i = 0; i < servers_.size(); ++i)
      add(sip::SrvData{static_cast<std::uint16_t>(10 * (i + 1)), 0, sip_port, host_name(servers_[i])});
  } else if (query.type == sip::DnsType::a) {
    for (const auto& server : servers_)
      if (query.name == host_name(server)) add(server);
  }
  if (answer.answers.empty()) answer.negative_ttl = ttl_;
  return answer;
}

// Plausible records, and wrong: other hosts, other ports, other addresses.
sip::DnsAnswer NameServer::lie(const sip::DnsQuery& query) {
  sip::DnsAnswer answer = truth(query);
  const auto ttl = seconds(random_.below(static_cast<std::uint64_t>(lie_ttl_max.count())));
  for (auto& record : answer.answers) {
    record.ttl = ttl;
    if (auto* ip = std::get_if<IpAddress>(&record.data)) *ip = strangers_[random_.below(strangers_.size())];
    if (auto* srv = std::get_if<sip::SrvData>(&record.data)) {
      if (random_.chance(0.3)) srv->port = static_cast<std::uint16_t>(random_.below(65536));
      if (random_.chance(0.2)) srv->target.clear();  // RFC 2782: decidedly not available
    }
  }
  if (random_.chance(0.3) && !strangers_.empty())
    answer.additional.push_back({host_name(servers_[0]), ttl, strangers_[0]});
  return answer;
}

sip::DnsAnswer NameServer::circle(const sip::DnsQuery& query) const {
  sip::DnsAnswer answer;
  const auto alias = fmt::format("alias.{}", zone_name);
  answer.answers.push_back({query.name, lie_ttl_max, sip::CnameData{alias}});
  answer.answers.push_back({alias, lie_ttl_max, sip::CnameData{query.name}});
  return answer;
}

sip::DnsAnswer NameServer::excess(const sip::DnsQuery& query) const {
  sip::DnsAnswer answer = truth(query);
  if (query.type != sip::DnsType::srv || answer.answers.empty()) return answer;
  constexpr int records = 1000;
  for (int i = 0; i < records; ++i)
    answer.answers.push_back(
        {query.name, seconds(5), sip::SrvData{1000, 0, sip_port, fmt::format("x{}.{}", i, zone_name)}});
  return answer;
}

}  // namespace sidetone::sim
