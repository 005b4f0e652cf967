// The places that a redirected call is still to be tried at (RFC 3261 §8.1.3.4): in order of their q, none
// twice, and no more in all than the settings say.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sip/message/redirect_targets.h"

namespace sidetone::sip {

struct RedirectStep {
  RedirectTarget target;
  bool is_proxy = false;  // 305: the same Request-URI by way of this place (§21.3.4)
};

class Redirection {
 public:
  // Takes the Contacts of a 300, 301, 302 or 305; other responses name no place (380 describes a service,
  // §21.3.5). `from` is the Request-URI that was answered: a secure one leads to secure places only
  // (§26.2.2).
  void add(const Message& response, std::string_view from, std::size_t places_max);
  std::optional<RedirectStep> next();
  [[nodiscard]] bool started() const { return !known_.empty(); }

 private:
  [[nodiscard]] bool is_known(std::string_view uri) const;

  std::vector<RedirectStep> waiting_;  // best first
  std::vector<std::string> known_;     // tried or waiting, the first target among them
};

}  // namespace sidetone::sip
