// A resolver of one's own for the locator: a zone in a few words, and a clock moved by hand.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "sip/location/locator.h"

namespace sidetone::sip::test {

// "NAPTR example.com 10 20 s SIP+D2U _sip._udp.example.com", "SRV _sip._udp.example.com 1 0 5060
// a.example.com", "A a.example.com 192.0.2.1", "AAAA ...", "CNAME x.example.com y.example.com"; a first word
// "60:" is the TTL.
inline DnsRecord record(const std::string& text) {
  std::istringstream in(text);
  std::string type, name;
  in >> type;
  std::chrono::seconds ttl(3600);
  if (type.back() == ':') {
    ttl = std::chrono::seconds(std::stol(type));
    in >> type;
  }
  in >> name;
  DnsRecord made{name, ttl, {}};
  std::string last;
  if (type == "NAPTR") {
    NaptrData d;
    in >> d.order >> d.preference >> d.flags >> d.services >> d.replacement;
    made.data = d;
  } else if (type == "SRV") {
    SrvData d;
    in >> d.priority >> d.weight >> d.port >> d.target;
    if (d.target == ".") d.target.clear();
    made.data = d;
  } else if (type == "CNAME") {
    in >> last;
    made.data = CnameData{last};
  } else {
    in >> last;
    made.data = IpAddress::parse(last).value();
  }
  return made;
}

inline DnsType type_of(const DnsRecord& one) {
  if (std::holds_alternative<SrvData>(one.data)) return DnsType::srv;
  if (std::holds_alternative<NaptrData>(one.data)) return DnsType::naptr;
  if (std::holds_alternative<CnameData>(one.data)) return DnsType::cname;
  return std::get<IpAddress>(one.data).is_v4() ? DnsType::a : DnsType::aaaa;
}

// What an honest server with these records says. `silent` and `broken` hold "SRV name" questions.
struct Zone {
  std::vector<std::string> records, silent, broken;
  bool with_additional = false;

  [[nodiscard]] DnsAnswer answer(const std::string& name, DnsType type) const {
    const auto question = std::string(to_string(type)) + " " + name;
    DnsAnswer out;
    if (holds(silent, question) || holds(silent, "*")) {
      out.outcome = DnsAnswer::Outcome::no_answer;
      out.text = "server 192.0.2.53:53 did not answer within 3 s";
      return out;
    }
    if (holds(broken, question)) {
      out.outcome = DnsAnswer::Outcome::failed;
      out.text = "the server said SERVFAIL";
      return out;
    }
    bool known = false;
    for (const auto& text : records) {
      auto one = record(text);
      if (one.name != name) {
        if (with_additional) out.additional.push_back(one);
        continue;
      }
      known = true;
      if (type_of(one) == type || type_of(one) == DnsType::cname) out.answers.push_back(one);
    }
    if (!known) out.outcome = DnsAnswer::Outcome::no_name;
    return out;
  }
  static bool holds(const std::vector<std::string>& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
  }
};

struct LocationDesk {
  explicit LocationDesk(Zone the_zone = {}, LocationSettings settings = {})
      : zone(std::move(the_zone)), locator(std::move(settings)) {}

  // Answers at once whatever is asked for. Questions in `held` wait for release().
  Located locate(const Destination& to) {
    Located found;
    int answers = 0;
    const auto at_once = locator.locate(to, now, [&](const Located& located, Time) {
      found = located;
      ++answers;
    });
    if (at_once) return *at_once;
    pump();
    for (int i = 0; i < 100 && answers == 0; ++i) {
      const auto due = locator.deadline();
      if (!due) break;
      now = std::max(now, due->when);
      locator.on_time(now);
      pump();
    }
    EXPECT_EQ(answers, 1);
    return found;
  }
  void pump() {
    while (const auto query = locator.poll_query()) {
      asked.push_back(std::string(to_string(query->type)) + " " + query->name);
      EXPECT_LT(asked.size(), 200U) << "a question storm";
      if (Zone::holds(held, asked.back())) continue;  // never answered at all
      locator.dns_answer(query->id, zone.answer(query->name, query->type), now);
    }
  }
  static std::vector<std::string> words(const Located& located) {
    std::vector<std::string> all;
    all.reserve(located.targets.size());
    for (const auto& target : located.targets)
      all.push_back(std::string(to_string(target.transport)) + " " + target.address.to_string());
    return all;
  }

  Zone zone;
  Locator locator;
  Time now = Time{} + std::chrono::seconds(1000);
  std::vector<std::string> asked, held;
};

}  // namespace sidetone::sip::test
