#include "endpoint/info_digit.h"

#include <algorithm>
#include <cstdint>

#include "base/text.h"

namespace sidetone::endpoint {
namespace {

// Bound: as many as we send at once; more are no keys of a person.
constexpr std::size_t digits_max = 40;
// Bound: nobody presses a key longer, and the value only informs.
constexpr std::uint32_t duration_ms_max = 10000;

char upper(char c) { return c >= 'a' && c <= 'd' ? static_cast<char>(c - 'a' + 'A') : c; }

bool is_digit(char c) { return std::string_view("0123456789*#ABCDabcd").find(c) != std::string_view::npos; }

// A key, or its number as an event (RFC 4733 §3.2): 10 and 11 are * and #. 16, the hook flash, is no digit.
char digit_of(std::string_view value) {
  constexpr std::string_view by_number = "0123456789*#ABCD";
  if (value.size() == 1 && is_digit(value.front())) return upper(value.front());
  const auto number = parse_number<std::uint32_t>(value);
  return value.size() == 2 && number && *number < by_number.size() ? by_number[*number] : char{0};
}

std::vector<InfoDigit> digits_of_relay(std::string_view body) {
  std::vector<InfoDigit> digits;
  while (!body.empty() && digits.size() < digits_max) {
    auto line = take_until(body, '\n');
    const auto name = trim(take_until(line, '='));
    const auto value = trim(line);
    if (iequals(name, "Signal")) {
      if (const char digit = digit_of(value)) digits.push_back({digit});
    } else if (iequals(name, "Duration") && !digits.empty()) {
      const auto ms = parse_number<std::uint32_t>(value);
      if (ms) digits.back().duration = std::chrono::milliseconds(std::min(*ms, duration_ms_max));
    }
  }
  return digits;
}

std::vector<InfoDigit> plain_digits(std::string_view body) {
  body = trim(body);
  std::vector<InfoDigit> digits;
  for (const char c : body) {
    if (!is_digit(c) || digits.size() == digits_max) return {};
    digits.push_back({upper(c)});
  }
  return digits;
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && iequals(text.substr(text.size() - end.size()), end);
}

}  // namespace

std::vector<InfoDigit> digits_of_info(std::string_view type, std::string_view body) {
  if (iequals(type, "application/dtmf")) return plain_digits(body);
  // application/vnd.nortelnetworks.digits, application/vnd.telefon... : twins of the same lines.
  const bool vendors = iequals(type.substr(0, 16), "application/vnd.") &&
                       (ends_with(type, "digits") || ends_with(type, "dtmf-relay"));
  return vendors || iequals(type, "application/dtmf-relay") ? digits_of_relay(body)
                                                            : std::vector<InfoDigit>{};
}

}  // namespace sidetone::endpoint
