// Diversion (RFC 5806, historic, and what most gateways send): by whom and why a call was diverted on its way
// here, the last one first.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "sip/message/headers.h"
#include "sip/message/message.h"

namespace sidetone::sip {

struct Diversion {  // §4
  NameAddr diverted_from;
  std::string_view reason;    // "user-busy", "no-answer", "unconditional", "unknown" ...
  std::uint32_t counter = 1;  // diversions that this entry stands for
  std::string_view privacy;   // "full", "name", "uri", "off" or ""
  static Expected<Diversion> parse(std::string_view value);
};

// Bound: more diversions than that are a loop.
inline constexpr std::size_t diversions_max = 16;

// Those that can be read, in order. Views into the message.
[[nodiscard]] std::vector<Diversion> diversions_of(const Message& message);

}  // namespace sidetone::sip
