// How a caller would like its call to be announced: Alert-Info (RFC 3261 §20.4, RFC 7462) and Call-Info
// (§20.9), with the answer-after that switches agree on for calls which answer by themselves.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "sip/message/headers.h"
#include "sip/message/message.h"

namespace sidetone::sip {

// Bound: a message that wants more tones or pictures shown means no good.
inline constexpr std::size_t info_headers_max = 16;

struct AlertInfo {
  std::string_view uri;  // never fetched here
  ParamList params;
};
struct CallInfo {
  std::string_view uri;
  std::string_view purpose;  // "icon", "info", "card" ... or ""
  std::optional<std::chrono::seconds> answer_after;
};

// Those that can be read, in order. Views into the message.
[[nodiscard]] std::vector<AlertInfo> alert_infos_of(const Message& message);
[[nodiscard]] std::vector<CallInfo> call_infos_of(const Message& message);
// The call asks to be answered by itself after this time, in Call-Info or in Alert-Info.
[[nodiscard]] std::optional<std::chrono::seconds> answer_after(const Message& invite);
// Alert-Info says that nothing shall ring: the first leg of a call which its own user asked for.
[[nodiscard]] bool asks_for_silence(const Message& invite);

}  // namespace sidetone::sip
