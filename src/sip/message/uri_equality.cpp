// RFC 3261 §19.1.4.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/text.h"
#include "sip/message/uri.h"

namespace sidetone::sip {
namespace {

// Decoded for comparison. A character of the set "reserved" and its escape are different (§19.1.4), so
// those stay escaped; hexadecimal digits compare without case.
std::string comparable(std::string_view text) {
  constexpr std::string_view reserved = ";/?:@&=+$,";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%' || i + 2 >= text.size()) {
      out.push_back(text[i]);
      continue;
    }
    const std::string decoded = unescape(text.substr(i, 3));
    if (decoded.size() == 1 && decoded != "%" && reserved.find(decoded[0]) == std::string_view::npos) {
      out += decoded;
    } else {
      out.push_back('%');
      out.push_back(ascii_lower(text[i + 1]));
      out.push_back(ascii_lower(text[i + 2]));
    }
    i += 2;
  }
  return out;
}

bool same(std::string_view a, std::string_view b) {
  if (a == b) return true;
  if (a.find('%') == std::string_view::npos && b.find('%') == std::string_view::npos) return false;
  return comparable(a) == comparable(b);
}

// Any of these in one URI only makes the two differ, even with the default value.
bool must_be_in_both(std::string_view name) {
  constexpr std::array<std::string_view, 5> names = {"user", "ttl", "method", "maddr", "transport"};
  return std::any_of(names.begin(), names.end(), [name](auto known) { return iequals(known, name); });
}

struct Param {
  std::string name, value;  // comparable, in lower case
};

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), ascii_lower);
  return text;
}

// Bound: each parameter is compared with each of the other side.
constexpr std::size_t params_max = 64;

std::vector<Param> read_params(const ParamList& list) {
  std::vector<Param> params;
  auto cursor = list.cursor();
  while (params.size() <= params_max) {
    const auto param = cursor.next();
    if (!param) break;
    if (!param->first.empty())
      params.push_back({lower(comparable(param->first)), lower(comparable(param->second))});
  }
  return params;
}

// Every parameter of `a` that `b` has, too, has a value that occurs there. (No name should come twice,
// §19.1.1; where one does, a URI is still equal to itself.)
bool agree(const std::vector<Param>& a, const std::vector<Param>& b) {
  return std::all_of(a.begin(), a.end(), [&b](const Param& mine) {
    bool named = false;
    for (const Param& other : b) {
      if (other.name != mine.name) continue;
      if (other.value == mine.value) return true;
      named = true;
    }
    return !named && !must_be_in_both(mine.name);
  });
}

bool params_agree(const ParamList& a, const ParamList& b) {
  if (a.text() == b.text()) return true;
  const auto mine = read_params(a);
  const auto others = read_params(b);
  if (mine.size() > params_max || others.size() > params_max) return false;
  return agree(mine, others) && agree(others, mine);
}

std::vector<std::pair<std::string, std::string>> sorted_headers(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> headers;
  while (!text.empty()) {
    std::string_view value = take_until(text, '&');
    const std::string_view name = take_until(value, '=');
    headers.emplace_back(lower(comparable(name)), comparable(value));
  }
  std::sort(headers.begin(), headers.end());
  return headers;
}

}  // namespace

bool Uri::equivalent(const Uri& other) const {
  if (!iequals(scheme_text, other.scheme_text)) return false;
  if (scheme == Scheme::other) return text == other.text;
  return same(user, other.user) && same(password, other.password) && iequals(host, other.host) &&
         port == other.port && params_agree(params, other.params) &&
         sorted_headers(headers) == sorted_headers(other.headers);
}

}  // namespace sidetone::sip
