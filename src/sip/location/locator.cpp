#include "sip/location/locator.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sip/location/dns_message.h"

namespace sidetone::sip {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// The resolver tells why it gives up before this; it counts when it does not say anything at all.
constexpr Duration answer_max = seconds(8);
// RFC 8767 §5: with an old answer at hand nobody waits longer than this for a better one.
constexpr Duration stale_wait = milliseconds(1800);
// Some targets are known, others still asked for: one dead name server must not hold up a call.
constexpr Duration patience = seconds(1);
constexpr Duration search_max = seconds(12);
// Bounds: as many as there may be transactions; questions are shared by all searches that need them.
constexpr std::size_t waiting_max = 20000;
constexpr std::size_t searches_max = 512;
constexpr std::size_t asked_max = 512;

std::string key_of(const Destination& to) {
  std::string key = fmt::format("{}:{} {} {}", to.host, to.port,
                                to.transport ? to_string(*to.transport) : std::string_view("any"), to.sips);
  for (const auto family : to.families) key += family == IpAddress::Family::v4 ? " 4" : " 6";
  return key;
}

Located failed(std::string text) { return {{}, std::move(text)}; }

}  // namespace

std::optional<Located> Locator::locate(const Destination& wish, Time now, Done done) {
  Destination to = wish;
  if (to.host.ends_with('.')) to.host.pop_back();
  std::transform(to.host.begin(), to.host.end(), to.host.begin(), ascii_lower);
  if (!is_dns_name(to.host)) return failed(fmt::format("'{}' is not a host name", to.host.substr(0, 60)));
  if (to.families.empty()) to.families = settings_.families;
  if (waiting_ >= waiting_max) return failed("too many requests wait for names");
  auto key = key_of(to);
  if (const auto at = by_key_.find(key); at != by_key_.end()) {
    ++waiting_;
    searches_.at(at->second).done.push_back(std::move(done));
    return {};
  }
  Search search(std::move(to), settings_.targets_max, now);
  if (search.work_out([&](const Search::Question& q) { return cache_.fresh(q.first, q.second, now); }))
    return search.found();
  if (searches_.size() >= searches_max) return failed("too many names are being asked for");
  const auto id = ++last_search_;
  Waiting waiting{std::move(search), key, {}};
  waiting.done.push_back(std::move(done));
  ++waiting_;
  searches_.emplace(id, std::move(waiting));
  by_key_.emplace(std::move(key), id);
  for (const auto& question : searches_.at(id).search.open()) ask(question, id, now);
  return {};
}

void Locator::ask(const Search::Question& question, SearchId search, Time now) {
  if (const auto at = by_question_.find(question); at != by_question_.end()) {
    asked_.at(at->second).searches.insert(search);
    return;
  }
  const auto id = ids_.next();
  auto stale = cache_.stale(question.first, question.second, now);
  const auto wait = stale ? stale_wait : answer_max;
  by_question_.emplace(question, id);
  asked_.emplace(id, Asked{question, now + wait, std::move(stale), {search}});
  // Beyond the bound the question fails by its deadline, as if the resolver were silent.
  if (asked_.size() <= asked_max) queries_.push_back({id, question.first, question.second});
}

void Locator::dns_answer(DnsQueryId id, const DnsAnswer& answer, Time now) {
  const auto at = asked_.find(id);
  if (at == asked_.end()) return;  // too late
  const auto& [name, type] = at->second.question;
  answered(id, fact_of(name, type, answer, now), now);
}

void Locator::answered(DnsQueryId id, DnsFact fact, Time now) {
  auto node = asked_.extract(id);
  auto& asked = node.mapped();
  by_question_.erase(asked.question);
  const auto& [name, type] = asked.question;
  DnsFactPtr known;
  if (fact.kind == DnsFact::Kind::failed && asked.stale) {
    known = asked.stale;
    cache_.renew(name, type, now);
  } else {
    known = std::make_shared<const DnsFact>(std::move(fact));
    cache_.put(name, type, known);
  }
  for (const auto search : asked.searches) {
    const auto found = searches_.find(search);
    if (found == searches_.end()) continue;
    found->second.search.learn(asked.question, known);
    advance(search, now);
  }
}

bool Locator::advance(SearchId id, Time now) {
  auto& search = searches_.at(id).search;
  const bool complete =
      search.work_out([&](const Search::Question& q) { return cache_.fresh(q.first, q.second, now); });
  if (complete || due(search) <= now) {
    finish(id, now);
    return true;
  }
  for (const auto& question : search.open()) ask(question, id, now);
  return false;
}

Time Locator::due(const Search& search) const {
  return search.started() + (search.has_targets() ? patience : search_max);
}

void Locator::finish(SearchId id, Time now) {
  auto node = searches_.extract(id);
  auto& waiting = node.mapped();
  by_key_.erase(waiting.key);
  waiting_ -= waiting.done.size();
  Located located = waiting.search.found();
  if (located.targets.empty() && located.error.empty())
    located.error =
        fmt::format("{}: the search for its servers took too long", waiting.search.destination().host);
  for (const auto& done : waiting.done) done(located, now);
}

void Locator::on_time(Time now) {
  std::vector<DnsQueryId> silent;
  for (const auto& [id, asked] : asked_)
    if (asked.due <= now) silent.push_back(id);
  for (const auto id : silent) {
    DnsAnswer none;
    none.outcome = DnsAnswer::Outcome::no_answer;
    none.text = fmt::format("no answer within {} s", std::chrono::duration_cast<seconds>(answer_max).count());
    dns_answer(id, none, now);
  }
  std::vector<SearchId> late;
  for (const auto& [id, waiting] : searches_)
    if (due(waiting.search) <= now) late.push_back(id);
  for (const auto id : late)
    if (searches_.contains(id)) finish(id, now);
}

// Looks through what is under way, which is nothing at all on a phone at rest.
std::optional<Deadline> Locator::deadline() const {
  std::optional<Deadline> next;
  for (const auto& [id, asked] : asked_) next = earlier(next, Deadline{asked.due, "dns_answer"});
  for (const auto& [id, waiting] : searches_) next = earlier(next, Deadline{due(waiting.search), "location"});
  return next;
}

std::optional<DnsQuery> Locator::poll_query() {
  if (queries_.empty()) return std::nullopt;
  std::optional<DnsQuery> query(std::move(queries_.front()));
  queries_.pop_front();
  return query;
}

}  // namespace sidetone::sip
