#include "sip/subscription/resubscribe.h"

#include <algorithm>
#include <chrono>

namespace sidetone::sip {
namespace {

// Bound: a peer that asks us to stay away for longer than a day is asked again after a day.
constexpr Duration retry_max = std::chrono::hours(24);

// The notifier will not change its mind: it does not want us, or does not speak the package.
bool is_for_good(const SubscriptionEnd& end) {
  if (end.reason == "rejected" || end.reason == "noresource" || end.reason == "invariant") return true;
  switch (end.status) {
    case 405:
    case 489:
    case 501:
    case 603:
    case 604: return true;
    default: return false;
  }
}

// The subscription is welcome again, elsewhere or anew: "deactivated" (moved), "timeout" (not refreshed in
// time), 481 to a refresh (the notifier has restarted).
bool is_at_once(const SubscriptionEnd& end) {
  return end.reason == "deactivated" || end.reason == "timeout" || end.status == 481;
}

}  // namespace

std::optional<Duration> resubscribe_in(const SubscriptionEnd& end, Duration retry, Duration brief) {
  if (retry <= Duration(0) || is_for_good(end)) return std::nullopt;
  if (end.retry_after && !is_at_once(end))
    return std::clamp<Duration>(*end.retry_after, Duration(0), std::max(retry, retry_max));
  if (is_at_once(end) && end.lived >= brief) return Duration(0);
  return retry;
}

}  // namespace sidetone::sip
