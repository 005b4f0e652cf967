#include "sip/session/redirection.h"

#include <algorithm>

#include "sip/message/uri.h"

namespace sidetone::sip {

// §19.1.4: the same place written in another way is no new place.
bool Redirection::is_known(std::string_view uri) const {
  const auto wanted = Uri::parse(uri);
  return !wanted || std::any_of(known_.begin(), known_.end(), [&](const std::string& text) {
    const auto known = Uri::parse(text);
    return known && known->equivalent(*wanted);
  });
}

void Redirection::add(const Message& response, std::string_view from, std::size_t places_max) {
  const int status = response.status();
  if (status != 300 && status != 301 && status != 302 && status != 305) return;
  if (known_.empty()) known_.emplace_back(from);
  const auto origin = Uri::parse(from);
  const bool secure = origin && origin->scheme == Uri::Scheme::sips;
  for (auto& target : redirect_targets(response)) {
    if (known_.size() > places_max) break;
    const auto uri = Uri::parse(target.uri);
    if (!uri || (secure && uri->scheme != Uri::Scheme::sips) || is_known(target.uri)) continue;
    known_.push_back(target.uri);
    waiting_.push_back({std::move(target), status == 305});
  }
  std::stable_sort(waiting_.begin(), waiting_.end(),
                   [](const auto& a, const auto& b) { return a.target.q > b.target.q; });
}

std::optional<RedirectStep> Redirection::next() {
  if (waiting_.empty()) return std::nullopt;
  auto step = std::move(waiting_.front());
  waiting_.erase(waiting_.begin());
  return step;
}

}  // namespace sidetone::sip
