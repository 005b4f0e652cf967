#include "sip/registration/retry_delay.h"

#include <algorithm>
#include <chrono>

namespace sidetone::sip {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Duration doubled(Duration base, int times, Duration most) {
  for (int i = 0; i < times && base < most; ++i) base *= 2;
  return std::min(base, most);
}

Duration by_chance(Duration most, Random& random) {
  if (most.count() <= 0) return Duration{0};
  return Duration(random.below(static_cast<std::uint64_t>(most.count())));
}

}  // namespace

std::optional<Duration> retry_delay(const FailedRegistration& failed, Random& random) {
  if (failed.interval.count() <= 0) return std::nullopt;
  Duration wait = failed.interval;
  if (failed.refused_credentials) {
    wait = std::max<Duration>(wait, doubled(minutes(1), failed.failures - 1, hours(1)));
  } else if (failed.outbound) {
    const Duration upper = doubled(seconds(30), failed.failures, seconds(1800));
    wait = std::max<Duration>(wait, upper / 2 + by_chance(upper / 2, random));
  }
  // Bound: a day is as good as never.
  if (failed.retry_after)
    wait = std::max(wait, std::min<Duration>(*failed.retry_after, std::max<Duration>(wait, hours(24))));
  return wait + by_chance(failed.interval / 2, random);
}

}  // namespace sidetone::sip
