// Message waiting (RFC 3842): the body application/simple-message-summary, and the subscription to a mailbox.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/expected.h"
#include "sip/subscription/subscription_types.h"

namespace sidetone::sip {

inline constexpr std::string_view message_summary_package = "message-summary";
inline constexpr std::string_view message_summary_type = "application/simple-message-summary";

struct MessageCounts {  // of one message context class (RFC 3458 §6.2)
  std::uint32_t fresh = 0, old = 0;
  std::uint32_t urgent_fresh = 0, urgent_old = 0;  // part of the two above
  bool operator==(const MessageCounts&) const = default;
};

struct MessageSummary {
  bool waiting = false;
  std::string account;                            // URI; empty: not said
  std::optional<MessageCounts> voice, fax, text;  // voice-message, fax-message, text-message
  bool operator==(const MessageSummary&) const = default;
};

// §5.2. Unknown classes and the message headers behind the summary are passed over.
[[nodiscard]] Expected<MessageSummary> read_message_summary(std::string_view body);
[[nodiscard]] std::string write_message_summary(const MessageSummary& summary);

// A line's mailbox, watched as long as the line is there: tried again after `retry` whatever went wrong.
[[nodiscard]] Subscribe mailbox_subscription(AccountId account, std::string mailbox_uri,
                                             std::chrono::seconds expires, Duration retry);

}  // namespace sidetone::sip
