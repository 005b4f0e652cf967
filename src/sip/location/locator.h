// Where requests go: RFC 3263 §4 without sockets. A destination goes in; questions for the resolver come out,
// its answers go in, and the targets are handed to whoever waits for them.
//
//   const auto known = locator.locate(destination, now, [](const Located& located, Time now) { ... });
//   while (auto query = locator.poll_query()) resolver.ask(*query);
//   locator.dns_answer(id, answer, now);
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "sip/location/answer_cache.h"
#include "sip/location/search.h"
#include "sip/location/target.h"

namespace sidetone::sip {

class Locator {
 public:
  using Done = std::function<void(const Located&, Time)>;

  explicit Locator(LocationSettings settings) : settings_(std::move(settings)) {}

  // The targets, when all answers are known already; then `done` is not called. Otherwise it is, once, from
  // dns_answer() or on_time().
  std::optional<Located> locate(const Destination& destination, Time now, Done done);
  void dns_answer(DnsQueryId id, const DnsAnswer& answer, Time now);
  void on_time(Time now);
  [[nodiscard]] std::optional<Deadline> deadline() const;
  std::optional<DnsQuery> poll_query();
  // The network changed: nothing that was learnt in another one counts while the resolver answers.
  void flush(Time now) { cache_.expire_all(now); }

  [[nodiscard]] const LocationSettings& settings() const { return settings_; }
  [[nodiscard]] std::size_t searches() const { return searches_.size(); }
  [[nodiscard]] std::size_t cached() const { return cache_.size(); }

 private:
  using SearchId = std::uint64_t;
  struct Waiting {
    Search search;
    std::string key;
    std::vector<Done> done;
  };
  struct Asked {
    Search::Question question;
    Time due;
    DnsFactPtr stale;
    std::set<SearchId> searches;
  };
  // True when the search is over; it is gone then.
  bool advance(SearchId id, Time now);
  void ask(const Search::Question& question, SearchId search, Time now);
  void answered(DnsQueryId id, DnsFact fact, Time now);
  void finish(SearchId id, Time now);
  [[nodiscard]] Time due(const Search& search) const;

  LocationSettings settings_;
  AnswerCache cache_;
  std::map<SearchId, Waiting> searches_;
  std::unordered_map<std::string, SearchId> by_key_;
  std::map<DnsQueryId, Asked> asked_;
  std::map<Search::Question, DnsQueryId> by_question_;
  std::deque<DnsQuery> queries_;
  IdSource<DnsQueryId> ids_;
  SearchId last_search_ = 0;
  std::size_t waiting_ = 0;
};

}  // namespace sidetone::sip
