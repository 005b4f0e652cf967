// One destination on its way to targets (RFC 3263 §4): which questions are open, and what the answers that
// are known so far lead to. It is worked out anew from all known answers each time one has come, so it has
// no states that could get lost.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sip/location/answer_cache.h"
#include "sip/location/services.h"
#include "sip/location/target.h"

namespace sidetone::sip {

class Search {
 public:
  using Question = std::pair<std::string, DnsType>;
  // A fact that holds now; null when it must be asked for.
  using Known = std::function<DnsFactPtr(const Question&)>;

  Search(Destination destination, std::size_t targets_max, Time now)
      : destination_(std::move(destination)), targets_max_(targets_max), started_(now) {}

  // An answer to this search stays good for it, however short its TTL: else two names that run out in turn
  // could be asked for ever.
  void learn(const Question& question, DnsFactPtr fact) { facts_[question] = std::move(fact); }
  // Works out the targets; false while nothing can be said. The questions that stand in the way are open().
  bool work_out(const Known& known);

  [[nodiscard]] const std::set<Question>& open() const { return open_; }
  [[nodiscard]] bool has_targets() const { return !found_.targets.empty(); }
  [[nodiscard]] const Located& found() const { return found_; }
  [[nodiscard]] const Destination& destination() const { return destination_; }
  [[nodiscard]] Time started() const { return started_; }

 private:
  DnsFactPtr ask(const std::string& name, DnsType type);  // null: open
  // The same through aliases that lead to other questions.
  DnsFactPtr ask_through(std::string name, DnsType type);
  void by_services(const std::vector<Service>& services, const DnsFact* naptr);
  void by_address(Transport transport);
  // False: still open, or nothing there.
  bool add_addresses(const std::string& name, std::uint16_t port, Transport transport, const DnsFact* srv);
  void blame(const DnsFact& fact);

  Destination destination_;
  std::size_t targets_max_;
  Time started_;
  std::map<Question, DnsFactPtr> facts_;
  // --- of the work that is under way
  const Known* known_ = nullptr;
  std::set<Question> open_;
  Located found_;
  // SRV records spoke of the domain, if only to deny the service: the bare name is no way out.
  bool only_services_ = false;
  bool silence_blamed_ = false;  // the error names a question that nobody answered
};

}  // namespace sidetone::sip
