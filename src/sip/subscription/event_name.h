// The Event header (RFC 6665 §8.2.1): package and id, compared byte by byte (§8.2.1).
#pragma once

#include <optional>
#include <string>

#include "sip/message/headers.h"
#include "sip/message/message.h"

namespace sidetone::sip {

struct EventName {
  std::string package;
  std::string id;

  // Nothing when the header is missing, there twice, or broken.
  [[nodiscard]] static std::optional<EventName> of(const Message& message) {
    const auto values = message.values(HeaderId::event);
    return values.size() == 1 ? parse(values.front()) : std::nullopt;
  }
  [[nodiscard]] static std::optional<EventName> parse(std::string_view value) {
    const auto event = TokenParams::parse(value);
    if (!event) return std::nullopt;
    return EventName{std::string(event->token), std::string(event->params.get("id"))};
  }
  bool operator==(const EventName&) const = default;
};

inline constexpr std::string_view refer_package = "refer";  // RFC 3515 §3

}  // namespace sidetone::sip
