#include "base/base64.h"

namespace sidetone {
namespace {

constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::optional<std::uint32_t> value_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return std::nullopt;
}

// At most two, and only where they fill the last group of four.
std::optional<std::string_view> without_padding(std::string_view text) {
  auto bare = text;
  while (!bare.empty() && bare.back() == '=') bare.remove_suffix(1);
  const auto padding = text.size() - bare.size();
  if (padding > 2 || (padding > 0 && text.size() % 4 != 0)) return std::nullopt;
  return bare;
}

}  // namespace

void append_base64(std::string& to, std::span<const std::uint8_t> bytes) {
  for (; !bytes.empty(); bytes = bytes.subspan(bytes.size() < 3 ? bytes.size() : 3)) {
    const std::size_t count = bytes.size() < 3 ? bytes.size() : 3;
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (i < count ? bytes[i] : 0u);
    for (std::size_t i = 0; i < 4; ++i) to += i <= count ? alphabet[group >> (18 - 6 * i) & 63] : '=';
  }
}

std::optional<std::size_t> decode_base64(std::string_view text, std::span<std::uint8_t> to) {
  const auto bare = without_padding(text);
  if (!bare || bare->size() % 4 == 1) return std::nullopt;
  if (bare->size() * 6 / 8 > to.size()) return std::nullopt;
  std::uint32_t bits = 0;
  unsigned count = 0;
  std::size_t written = 0;
  for (const char c : *bare) {
    const auto value = value_of(c);
    if (!value) return std::nullopt;
    bits = bits << 6 | *value;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    to[written++] = static_cast<std::uint8_t>(bits >> count);
    bits &= (1u << count) - 1;
  }
  if (bits != 0) return std::nullopt;
  return written;
}

}  // namespace sidetone
