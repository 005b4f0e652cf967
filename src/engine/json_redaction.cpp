#include "engine/json_redaction.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"

namespace sidetone::engine {
namespace {

struct Range {
  std::size_t begin = 0, end = 0;  // without quotes
};

bool speaks_of_secrets(std::string_view name) {
  static constexpr std::array words{"password", "passwd",     "passphrase", "secret",
                                    "token",    "credential", "api_key"};
  std::string lower;
  for (const char c : name) lower += ascii_lower(c);
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return lower.find(word) != std::string::npos; });
}

// From behind the opening quote. An unclosed string goes to the end.
Range string_at(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
  return {begin, std::min(end, text.size())};
}

std::size_t past_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  return at;
}

}  // namespace

void redact_json(std::string& text, bool hide_digits) {
  bool value_is_secret = false;  // of the "Value" that follows a "Key"
  for (std::size_t at = text.find('"'); at < text.size(); at = text.find('"', at)) {
    const Range key = string_at(text, at + 1);
    const auto name = text.substr(key.begin, key.end - key.begin);
    at = past_blanks(text, key.end + 1);
    if (at >= text.size() || text[at] != ':') continue;
    at = past_blanks(text, at + 1);
    Range value{at, std::min(text.find_first_of(",}] \t", at), text.size())};
    const bool quoted = at < text.size() && text[at] == '"';
    if (quoted) value = string_at(text, at + 1);
    const bool is_digits = hide_digits && (iequals(name, "digits") || iequals(name, "digit"));
    const bool nested = !quoted && at < text.size() && (text[at] == '{' || text[at] == '[');
    if (nested) continue;
    if (iequals(name, "Key")) {
      value_is_secret =
          speaks_of_secrets(std::string_view(text).substr(value.begin, value.end - value.begin));
    } else if (speaks_of_secrets(name) || (value_is_secret && iequals(name, "Value"))) {
      constexpr std::string_view hidden = "***";
      if (value.begin < value.end) {
        text.replace(value.begin, value.end - value.begin, hidden);
        value.end = value.begin + hidden.size();
      }
      value_is_secret = false;
    } else if (is_digits) {
      std::fill(text.begin() + static_cast<std::ptrdiff_t>(value.begin),
                text.begin() + static_cast<std::ptrdiff_t>(value.end), 'x');
    }
    at = value.end + (quoted ? 1 : 0);
    if (at > text.size()) break;
  }
}

}  // namespace sidetone::engine
