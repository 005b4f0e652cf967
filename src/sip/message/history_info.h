// History-Info (RFC 7044): each place that a request was sent to on its way here, in order of their index.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sip/message/headers.h"
#include "sip/message/message.h"

namespace sidetone::sip {

struct HistoryEntry {  // §5
  NameAddr target;
  std::vector<std::uint32_t> index;  // "1.2.1"
  // Why the target changed, with the index of the entry that it came from: "rc", "mp" or "np"; else empty.
  std::string_view changed_by, changed_from;
  // From the Reason that is escaped into the target's URI (§5): the response that made the request go on.
  std::string reason;
  bool anonymous = false;  // Privacy=history
  static Expected<HistoryEntry> parse(std::string_view value);
};

// Bounds: Max-Forwards lets nobody make more hops, and no index is deeper than the hops.
inline constexpr std::size_t history_entries_max = 70, history_depth_max = 70;

// Those that can be read, in order of their index (§10.3). Views into the message.
[[nodiscard]] std::vector<HistoryEntry> history_of(const Message& message);

}  // namespace sidetone::sip
