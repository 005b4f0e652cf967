#include "sip/message/uri.h"

#include <fmt/format.h>

#include <cstring>

#include "base/address.h"
#include "base/text.h"
#include "sip/message/chars.h"
#include "sip/message/read.h"

namespace sidetone::sip {
namespace {

constexpr std::size_t uri_bytes_max = 4096;

// RFC 5118 §4.10: the grammar of RFC 3261 lets ":::" pass before an IPv4 tail, so we do, too.
bool is_ipv6(std::string_view text) {
  if (IpAddress::parse(text)) return true;
  const auto extra = text.find(":::");
  if (extra == std::string_view::npos) return false;
  std::string mended(text);
  mended.erase(extra, 1);
  return IpAddress::parse(mended).has_value();
}

// host [":" port]; `at` moves behind it.
Complaint read_host_port(const char*& at, const char* end, Uri& uri) {
  const char* begin = at;
  if (at != end && *at == '[') {
    at = chars::skip(at + 1, end, chars::ipv6);
    if (at == end || *at != ']' || !is_ipv6(chars::between(begin + 1, at)))
      return "has a broken IPv6 reference";
    ++at;
  } else {
    at = chars::skip_word(at, end, uri.text.data(), chars::host);
    if (at == begin) return "has no host";
  }
  uri.host = chars::between(begin, at);
  if (at == end || *at != ':') return nullptr;
  const char* digits = ++at;
  unsigned port = 0;
  for (; at != end && chars::is(*at, chars::digit) && port <= 65535; ++at)
    port = port * 10 + static_cast<unsigned>(*at - '0');
  if (at == digits || port > 65535) return "has a bad port";
  uri.port = static_cast<std::uint16_t>(port);
  return nullptr;
}

// [user [":" password] "@"] is there when its characters run up to an '@' (RFC 3261 §25.1: no '@' may follow
// in the rest of a URI).
Complaint read_user_info(const char*& at, const char* end, Uri& uri) {
  const char* user_end = chars::skip_escaped(at, end, uri.text.data(), chars::user);
  if (user_end == end) return nullptr;
  const char* at_sign = user_end;
  if (*user_end == ':') at_sign = chars::skip_escaped(user_end + 1, end, uri.text.data(), chars::password);
  if (at_sign == end || *at_sign != '@') return nullptr;
  if (user_end == at) return "has an empty user part";
  uri.user = chars::between(at, user_end);
  if (at_sign != user_end) uri.password = chars::between(user_end + 1, at_sign);
  at = at_sign + 1;
  return nullptr;
}

Complaint read_sip_uri(const char* at, const char* end, Uri& uri) {
  if (const Complaint wrong = read_user_info(at, end, uri)) return wrong;
  if (const Complaint wrong = read_host_port(at, end, uri)) return wrong;
  if (at == end) return nullptr;
  if (*at == ';') {
    const char* params = at;
    at = chars::skip_escaped(at, end, uri.text.data(), chars::uri_params);
    uri.params = ParamList::of_uri(chars::between(params, at));
  }
  if (at != end && *at == '?') {
    const char* headers = ++at;
    at = chars::skip_escaped(at, end, uri.text.data(), chars::uri_headers);
    uri.headers = chars::between(headers, at);
  }
  return at == end ? nullptr : "has a character that a URI may not hold";
}

// RFC 3966: the number, then parameters; passed through.
Complaint read_tel_uri(const char* at, const char* end, Uri& uri) {
  const char* number = at;
  while (at != end && *at != ';' && chars::is(*at, chars::opaque)) ++at;
  if (at == number) return "has no number";
  uri.user = chars::between(number, at);
  const char* params = at;
  at = chars::skip(at, end, chars::opaque);
  uri.params = ParamList::of_uri(chars::between(params, at));
  return at == end ? nullptr : "has a character that a URI may not hold";
}

std::uint32_t lower_four(const char* at) {
  std::uint32_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word | 0x20202020U;
}

// scheme ":"; returns the place behind the colon, or nullptr.
const char* read_scheme(const char* at, const char* end, Uri& uri) {
  if (end - at > 4 && at[3] == ':' && lower_four(at) == lower_four("sip:")) {
    uri.scheme = Uri::Scheme::sip;
    uri.scheme_text = {at, 3};
    return at + 4;
  }
  const char* begin = at;
  while (at != end && (chars::is(*at, chars::host) || *at == '+') && *at != '_') ++at;
  if (at == end || *at != ':' || at == begin || chars::is(*begin, chars::digit)) return nullptr;
  uri.scheme_text = chars::between(begin, at);
  if (iequals(uri.scheme_text, "sip"))
    uri.scheme = Uri::Scheme::sip;
  else if (iequals(uri.scheme_text, "sips"))
    uri.scheme = Uri::Scheme::sips;
  else if (iequals(uri.scheme_text, "tel"))
    uri.scheme = Uri::Scheme::tel;
  else
    uri.scheme = Uri::Scheme::other;
  return at + 1;
}

// Field by field: GCC makes `uri = Uri{}` a string instruction that takes longer than the rest.
void clear(Uri& uri) {
  uri.scheme_text = uri.user = uri.password = uri.host = uri.headers = {};
  uri.port = 0;
  uri.params = ParamList();
}

}  // namespace

Complaint read_uri(std::string_view text, Uri& uri) {
  if (text.size() > uri_bytes_max) return "is longer than 4,096 characters";
  clear(uri);
  uri.text = text;
  const char* end = text.data() + text.size();
  const char* at = read_scheme(text.data(), end, uri);
  if (at == nullptr) return "has no scheme";
  switch (uri.scheme) {
    case Uri::Scheme::sip:
    case Uri::Scheme::sips: return read_sip_uri(at, end, uri);
    case Uri::Scheme::tel: return read_tel_uri(at, end, uri);
    case Uri::Scheme::other: break;
  }
  if (at == end) return "is empty behind its scheme";
  return chars::skip(at, end, chars::opaque) == end ? nullptr : "has a character that a URI may not hold";
}

Expected<Uri> Uri::parse(std::string_view text) {
  Expected<Uri> uri;
  if (const Complaint wrong = read_uri(text, *uri))
    uri = fail(Layer::sip, Fault::syntax, fmt::format("the URI {}", wrong));
  return uri;
}

std::string unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && chars::is(text[i + 1], chars::hex) &&
        chars::is(text[i + 2], chars::hex)) {
      out.push_back(static_cast<char>(chars::hex_value(text[i + 1]) * 16 + chars::hex_value(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string escape_user(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && c != '#' && chars::is(c, chars::user)) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(digits[byte >> 4U]);
      out.push_back(digits[byte & 15U]);
    }
  }
  return out;
}

}  // namespace sidetone::sip
