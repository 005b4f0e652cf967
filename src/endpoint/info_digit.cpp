#include "endpoint/info_digit.h"

#include "base/text.h"

namespace sidetone::endpoint {

std::optional<InfoDigit> digit_of_relay(std::string_view body) {
  InfoDigit result;
  while (!body.empty()) {
    auto line = take_until(body, '\n');
    const auto name = trim(take_until(line, '='));
    const auto value = trim(line);
    if (iequals(name, "Signal")) {
      if (value.size() != 1 ||
          std::string_view("0123456789*#ABCDabcd").find(value.front()) == std::string_view::npos)
        return std::nullopt;
      result.digit = value.front();
    } else if (iequals(name, "Duration")) {
      // Bound: ten seconds; nobody presses a key longer, and the value only informs.
      const auto ms = parse_number<std::uint32_t>(value);
      if (ms && *ms <= 10000) result.duration = std::chrono::milliseconds(*ms);
    }
  }
  if (result.digit == 0) return std::nullopt;
  return result;
}

}  // namespace sidetone::endpoint
