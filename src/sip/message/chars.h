// Character classes of RFC 3261 §25.1 as bits of one table, so that a scanner is one load per character.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/scan.h"

namespace sidetone::sip::chars {

enum Class : std::uint16_t {
  token = 1,
  user = 2,           // user without '%'; bytes above ASCII and '#' pass, since phones send them unescaped
  password = 4,       // password without '%'
  host = 8,           // names and IPv4; '_' passes, since private names have it
  ipv6 = 16,          // inside of an IPv6reference
  uri_params = 32,    // paramchar without '%', and ';' '='
  uri_headers = 64,   // hnv-unreserved / unreserved without '%', and '&' '='
  param_value = 128,  // what may stand unquoted behind '=' in a header parameter
  display = 256,      // unquoted display name (token, LWS, and whatever is not ambiguous)
  opaque = 512,       // visible characters of a URI that we do not look into
  digit = 1024,
  hex = 2048,
  lws = 4096,
  control = 8192,  // never allowed unescaped: NUL to US without HTAB, and DEL
};

constexpr std::array<std::uint16_t, 256> make_table() {
  std::array<std::uint16_t, 256> table{};
  const auto mark = [&table](std::string_view set, unsigned bits) {
    for (const char c : set) {
      auto& entry = table[static_cast<unsigned char>(c)];
      entry = static_cast<std::uint16_t>(entry | bits);
    }
  };
  mark("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
       token | user | password | host | uri_params | uri_headers | param_value | display | opaque);
  mark("-.!%*_+`'~", token);
  mark("-_.!~*'()", user | password | uri_params | uri_headers);
  mark("&=+$,;?/#", user);
  mark("&=+$,", password);
  mark("-._", host);
  mark("0123456789abcdefABCDEF", hex);
  mark("0123456789abcdefABCDEF:.", ipv6);
  mark("0123456789", digit);
  mark("[]/:&+$;=", uri_params);
  mark("[]/?:+$&=", uri_headers);
  mark(" \t\r\n", lws);
  for (unsigned c = 0x21; c < 0x100; ++c) {
    if (c == 0x7f) continue;
    const char one[] = {static_cast<char>(c)};
    const std::string_view text(one, 1);
    if (std::string_view("\";,").find(one[0]) == std::string_view::npos) mark(text, param_value);
    if (std::string_view("\",;<>\\:").find(one[0]) == std::string_view::npos) mark(text, display);
    if (std::string_view("\"<>\\^`{|}").find(one[0]) == std::string_view::npos) mark(text, opaque);
    if (c >= 0x80) mark(text, user);
  }
  mark(" \t\r\n", display);
  for (unsigned c = 0; c < 0x20; ++c)
    if (c != '\t') table[c] = static_cast<std::uint16_t>(table[c] | control);
  table[0x7f] = control;
  return table;
}

inline constexpr auto table = make_table();

[[nodiscard]] constexpr bool is(char c, unsigned classes) {
  return (table[static_cast<unsigned char>(c)] & classes) != 0;
}

[[nodiscard]] constexpr const char* skip(const char* at, const char* end, unsigned classes) {
  while (at != end && is(*at, classes)) ++at;
  return at;
}
[[nodiscard]] constexpr const char* skip_lws(const char* at, const char* end) { return skip(at, end, lws); }

[[nodiscard]] constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// skip() for classes that hold letters, digits, '-' and '.'. Text from `begin` on may be read.
[[nodiscard]] inline const char* skip_word(const char* at, const char* end, const char* begin,
                                           unsigned classes) {
  return skip(scan::skip_word(at, end, begin), end, classes);
}

[[nodiscard]] inline bool is_token(std::string_view text) {
  const char* end = text.data() + text.size();
  return !text.empty() && skip_word(text.data(), end, text.data(), token) == end;
}

// skip_word() with "%" HEX HEX as a further character of the class.
[[nodiscard]] inline const char* skip_escaped(const char* at, const char* end, const char* begin,
                                              unsigned classes) {
  while (true) {
    at = skip_word(at, end, begin, classes);
    if (end - at < 3 || *at != '%' || !is(at[1], hex) || !is(at[2], hex)) return at;
    at += 3;
  }
}

// `at` is behind the opening quote. Returns the place of the closing one, or nullptr when there is none or a
// character stands inside that may not (RFC 3261 §25.1 quoted-string; a quoted-pair may hold NUL).
[[nodiscard]] inline const char* find_closing_quote(const char* at, const char* end) {
  const char* begin = at;
  while (true) {
    at = scan::skip_quoted(at, end, begin);
    if (at == end) return nullptr;
    const char c = *at;
    if (c == '"') return at;
    if (c == '\\') {
      if (++at == end || *at == '\r' || *at == '\n') return nullptr;
    } else if (is(c, control) && c != '\r' && c != '\n') {
      return nullptr;
    }
    ++at;
  }
}

[[nodiscard]] constexpr std::string_view between(const char* from, const char* to) {
  return {from, static_cast<std::size_t>(to - from)};
}

}  // namespace sidetone::sip::chars
