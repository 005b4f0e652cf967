#include "config/encoding.h"

#include <array>
#include <cstdint>

#include "base/text.h"

namespace sidetone::config {
namespace {

constexpr std::string_view no_text = "\xFF";  // in no UTF-8

void append(std::string& out, std::uint32_t code) {
  const auto byte = [&](std::uint32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) {
    byte(0xC0 | code >> 6);
  } else if (code < 0x10000) {
    byte(0xE0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3F));
  } else {
    byte(0xF0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3F));
    byte(0x80 | (code >> 6 & 0x3F));
  }
  byte(0x80 | (code & 0x3F));
}

// RFC 2781 §2.2
std::string from_utf16(std::string_view bytes, bool big_endian) {
  std::string out;
  out.reserve(bytes.size() / 2);
  const auto unit = [&](std::size_t at) {
    const auto a = static_cast<unsigned char>(bytes[at]), b = static_cast<unsigned char>(bytes[at + 1]);
    return static_cast<std::uint32_t>(big_endian ? a << 8 | b : b << 8 | a);
  };
  if (bytes.size() % 2 != 0) return std::string(no_text);
  for (std::size_t at = 0; at < bytes.size(); at += 2) {
    const auto first = unit(at);
    if (first < 0xD800 || first > 0xDFFF) {
      append(out, first);
      continue;
    }
    at += 2;
    const auto second = at < bytes.size() ? unit(at) : 0;
    if (first > 0xDBFF || second < 0xDC00 || second > 0xDFFF) return out + std::string(no_text);
    append(out, 0x10000 + ((first & 0x3FF) << 10) + (second & 0x3FF));
  }
  return out;
}

// windows-1252, 0x80 to 0x9F; the rest of it is ISO-8859-1, which has control characters there.
constexpr std::array<std::uint16_t, 32> windows_1252{
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

std::string from_windows_1252(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 8);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    append(out, byte >= 0x80 && byte < 0xA0 ? windows_1252[byte - 0x80U] : byte);
  }
  return out;
}

// Of the XML declaration; empty: none, which means UTF-8.
std::string_view declared_encoding(std::string_view text) {
  if (!text.starts_with("<?xml")) return {};
  auto declaration = text.substr(0, text.find("?>"));
  const auto at = declaration.find("encoding");
  if (at == std::string_view::npos) return {};
  declaration.remove_prefix(at);
  const auto open = declaration.find_first_of("\"'");
  if (open == std::string_view::npos) return {};
  const char quote = declaration[open];
  declaration.remove_prefix(open + 1);
  return declaration.substr(0, declaration.find(quote));
}

}  // namespace

std::string as_utf8(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE")) return from_utf16(bytes.substr(2), false);
  if (bytes.starts_with("\xFE\xFF")) return from_utf16(bytes.substr(2), true);
  const auto encoding = declared_encoding(bytes);
  for (const std::string_view known : {"iso-8859-1", "latin1", "windows-1252", "cp1252"})
    if (iequals(encoding, known)) return from_windows_1252(bytes);
  return std::string(bytes);
}

}  // namespace sidetone::config
