// The names of a world: a zone that leads to its servers (RFC 3263 §4), and a resolver whose answers come
// late, wrong or not at all.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/random.h"
#include "base/time.h"
#include "sim/event_queue.h"
#include "sip/location/dns.h"

namespace sidetone::sim {

inline constexpr std::string_view zone_name = "sip.example";

enum class DnsTrouble : std::uint8_t {
  none,
  silent,  // nobody answers; the resolver gives up after some seconds
  servfail,
  empty,    // no record of the type that was asked for
  no_name,  // NXDOMAIN
  late,
  lying,      // records that lead to nobody, or to somebody else
  looping,    // aliases in a circle
  excessive,  // 1,000 records, most of which lead nowhere
  count_
};
[[nodiscard]] std::string_view to_string(DnsTrouble trouble);

class NameServer {
 public:
  using Answer = std::function<void(sip::DnsAnswer, Time)>;

  // `servers`: best first. `strangers`: where lies lead.
  NameServer(EventQueue& queue, Random& random, std::vector<IpAddress> servers,
             std::vector<IpAddress> strangers);

  void ask(const sip::DnsQuery& query, Answer answer, Time now);
  // From now on; who asked before may believe the old answer for a TTL.
  void lead_to(std::vector<IpAddress> servers, Time now) {
    servers_ = std::move(servers);
    moved_ = now;
  }
  [[nodiscard]] bool leads_to(IpAddress server) const;
  void set_trouble(DnsTrouble trouble, Time now);

  // Since when answers have been true and quick; lies count until the last of their TTLs is over.
  [[nodiscard]] std::optional<Time> well_since() const;

  struct Counters {
    std::uint64_t questions = 0;
    std::array<std::uint64_t, static_cast<std::size_t>(DnsTrouble::count_)> answers{};
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  [[nodiscard]] sip::DnsAnswer truth(const sip::DnsQuery& query) const;
  [[nodiscard]] sip::DnsAnswer lie(const sip::DnsQuery& query);
  [[nodiscard]] sip::DnsAnswer circle(const sip::DnsQuery& query) const;
  [[nodiscard]] sip::DnsAnswer excess(const sip::DnsQuery& query) const;

  EventQueue& queue_;
  Random& random_;
  std::vector<IpAddress> servers_, strangers_;
  std::chrono::seconds ttl_;
  bool has_naptr_;
  DnsTrouble trouble_ = DnsTrouble::none;
  Time last_trouble_{};
  std::optional<Time> moved_;
  Counters counters_;
};

}  // namespace sidetone::sim
