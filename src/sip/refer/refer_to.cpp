#include "sip/refer/refer_to.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "sip/message/chars.h"
#include "sip/message/headers.h"

namespace sidetone::sip {
namespace {

// Bounds: a transfer needs Replaces and one or two more; a Call-ID with two tags stays far below.
constexpr std::size_t headers_max = 8;
constexpr std::size_t header_bytes_max = 1024;

// RFC 3261 §19.1.5 warns of headers that lead a request astray or lie about its sender; so only these, and
// the private ones that call centres attach, are taken.
bool may_be_taken(std::string_view name) {
  switch (find_header(name)) {
    case HeaderId::replaces:
    case HeaderId::join:
    case HeaderId::subject:
    case HeaderId::priority:
    case HeaderId::in_reply_to:
    case HeaderId::user_to_user:
    case HeaderId::call_info:
    case HeaderId::alert_info:
    case HeaderId::referred_by:
    case HeaderId::x_genesys_calluuid: return true;
    case HeaderId::other: break;
    default: return false;
  }
  const bool is_token =
      chars::skip(name.data(), name.data() + name.size(), chars::token) == name.data() + name.size();
  return is_token && name.size() > 2 && iequals(name.substr(0, 2), "X-");
}

// An unescaped line break would start a header of the attacker's choice.
bool is_clean(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) { return chars::is(c, chars::control); });
}

void take_headers(std::string_view text, ReferTo& refer_to) {
  while (!text.empty()) {
    auto one = take_until(text, '&');
    const auto name = unescape(take_until(one, '='));
    auto value = unescape(one);
    const bool wanted = may_be_taken(name) && is_clean(value) && value.size() <= header_bytes_max;
    if (!wanted || refer_to.headers.size() >= headers_max) {
      refer_to.headers_ignored = true;
    } else if (find_header(name) == HeaderId::replaces) {
      refer_to.replaces = std::move(value);
    } else {
      refer_to.headers.push_back({name, std::move(value)});
    }
  }
}

// The parameters but `method`, which is ours to obey, not the target's.
std::string params_without_method(const ParamList& params) {
  std::string text;
  for (auto cursor = params.cursor(); auto param = cursor.next();) {
    if (iequals(param->first, "method")) continue;
    text += fmt::format(";{}", param->first);
    if (!param->second.empty()) text += fmt::format("={}", param->second);
  }
  return text;
}

// RFC 3261 §25.1 hvalue: unreserved and hnv-unreserved stay.
std::string escape_header(std::string_view text) {
  constexpr std::string_view kept = "-_.!~*'()[]/?:+$";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       kept.find(c) != std::string_view::npos;
    if (plain)
      out.push_back(c);
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace

Expected<ReferTo> ReferTo::parse(std::string_view value) {
  const auto address = NameAddr::parse(value);
  if (!address) return tl::make_unexpected(address.error());
  if (address->is_star) return fail(Layer::sip, Fault::syntax, "Refer-To names nobody");
  const auto& uri = address->uri;
  ReferTo refer_to;
  refer_to.display = unescape_quoted(address->display);
  const bool is_sip = uri.scheme == Uri::Scheme::sip || uri.scheme == Uri::Scheme::sips;
  if (!is_sip) {
    refer_to.uri = std::string(uri.text);
    return refer_to;
  }
  if (const auto method = uri.params.get("method"); !method.empty()) {
    refer_to.method = find_method(method);
    refer_to.method_name = std::string(method);
  }
  const auto user = uri.user.empty() ? std::string{} : fmt::format("{}@", uri.user);
  const auto port = uri.port == 0 ? std::string{} : fmt::format(":{}", uri.port);
  refer_to.uri =
      fmt::format("{}:{}{}{}{}", uri.scheme_text, user, uri.host, port, params_without_method(uri.params));
  take_headers(uri.headers, refer_to);
  return refer_to;
}

std::string ReferTo::to_uri() const {
  std::string text = uri;
  if (method != Method::invite) text += fmt::format(";method={}", method_name);
  char separator = '?';
  const auto add = [&](std::string_view name, std::string_view value) {
    text += fmt::format("{}{}={}", separator, escape_header(name), escape_header(value));
    separator = '&';
  };
  if (!replaces.empty()) add("Replaces", replaces);
  for (const auto& header : headers) add(header.name, header.value);
  return text;
}

}  // namespace sidetone::sip
