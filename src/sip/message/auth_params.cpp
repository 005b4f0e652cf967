// RFC 3261 §25.1 challenge and credentials; RFC 7616 §3.
#include <fmt/format.h>

#include "base/text.h"
#include "sip/message/chars.h"
#include "sip/message/headers.h"

namespace sidetone::sip {
namespace {

// Bound: RFC 7616 knows twelve parameters, extensions have brought a handful.
constexpr std::size_t auth_params_max = 32;

tl::unexpected<Error> bad(std::string_view wrong) {
  return fail(Layer::sip, Fault::syntax, fmt::format("the authentication header {}", wrong));
}

}  // namespace

std::string_view AuthParams::get(std::string_view name) const {
  for (const auto& [known, value] : params)
    if (iequals(known, name)) return value;
  return {};
}

Expected<AuthParams> AuthParams::parse(std::string_view text) {
  Expected<AuthParams> result;
  AuthParams& auth = *result;
  const char* end = text.data() + text.size();
  const char* at = chars::skip_lws(text.data(), end);
  const char* begin = at;
  at = chars::skip(at, end, chars::token);
  auth.scheme = chars::between(begin, at);
  if (auth.scheme.empty()) return bad("has no scheme");
  if (at == end) return result;
  if (!chars::is(*at, chars::lws)) return bad("has a scheme that is not a token");
  auth.params.reserve(12);
  while (true) {
    at = chars::skip_lws(at, end);
    // Empty list elements pass, as they do in HTTP (RFC 9110 §5.6.1).
    if (at != end && *at == ',') {
      ++at;
      continue;
    }
    if (at == end) return result;
    if (auth.params.size() == auth_params_max) return bad("has more than 32 parameters");
    const char* name = at;
    at = chars::skip_word(at, end, begin, chars::token);
    const auto name_text = chars::between(name, at);
    at = chars::skip_lws(at, end);
    if (name_text.empty() || at == end || *at != '=') return bad("has a parameter without value");
    at = chars::skip_lws(at + 1, end);
    std::string_view value;
    if (at != end && *at == '"') {
      const char* close = chars::find_closing_quote(at + 1, end);
      if (close == nullptr) return bad("has an unterminated quoted string");
      value = chars::between(at + 1, close);
      at = close + 1;
    } else {
      const char* value_begin = at;
      at = chars::skip_word(at, end, begin, chars::param_value);
      value = chars::between(value_begin, at);
    }
    auth.params.emplace_back(name_text, value);
    at = chars::skip_lws(at, end);
    if (at != end && *at != ',') return bad("has parameters without a comma between them");
  }
}

}  // namespace sidetone::sip
