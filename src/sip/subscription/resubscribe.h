// When a new subscription may follow one that has ended (RFC 6665 §4.1.3): at once, after a while, or never.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace sidetone::sip {

struct SubscriptionEnd {
  std::string_view reason;              // of Subscription-State; empty: none
  int status = 0;                       // of a response; 0: none
  std::optional<Duration> retry_after;  // as the peer said it
  Duration lived{0};
};

// `retry` is what the user set, `brief` the age below which "at once" would be a loop.
[[nodiscard]] std::optional<Duration> resubscribe_in(const SubscriptionEnd& end, Duration retry,
                                                     Duration brief);

}  // namespace sidetone::sip
