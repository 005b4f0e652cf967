#include "sip/message/reason.h"

#include <fmt/format.h>

#include "base/text.h"
#include "sip/message/chars.h"

namespace sidetone::sip {

std::vector<Reason> reasons_of(const Message& message) {
  std::vector<Reason> reasons;
  for (const auto value : message.values(HeaderId::reason)) {
    if (reasons.size() == reasons_max) break;
    if (auto reason = Reason::parse(value)) reasons.push_back(*reason);
  }
  return reasons;
}

std::optional<Reason> reason_of(const Message& message, std::string_view protocol) {
  for (const auto& reason : reasons_of(message))
    if (iequals(reason.protocol, protocol)) return reason;
  return std::nullopt;
}

std::string write_reason(std::string_view protocol, int cause, std::string_view text) {
  auto value = fmt::format("{};cause={}", protocol, cause);
  if (text.empty()) return value;
  value += ";text=\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') value += '\\';
    value += chars::is(c, chars::control) ? ' ' : c;  // it must not be able to end the line
  }
  return value += '"';
}

}  // namespace sidetone::sip
