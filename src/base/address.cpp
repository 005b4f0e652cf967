#include "base/address.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace sidetone {
namespace {

std::optional<unsigned> number(std::string_view text, int base, unsigned max) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value > max) return {};
  return value;
}

bool parse_v4(std::string_view text, std::uint8_t* out) {
  for (int i = 0; i < 4; ++i) {
    const auto dot = text.find('.');
    if ((dot == std::string_view::npos) != (i == 3)) return false;
    const auto part = text.substr(0, dot);
    const auto value = part.size() <= 3 ? number(part, 10, 255) : std::nullopt;
    if (!value) return false;
    out[i] = static_cast<std::uint8_t>(*value);
    if (i < 3) text.remove_prefix(dot + 1);
  }
  return true;
}

// RFC 4291 §2.2: up to eight groups, one "::", and a dotted tail in the last two groups' place.
bool parse_v6(std::string_view text, std::array<std::uint8_t, 16>& out) {
  std::array<std::uint8_t, 16> bytes{};
  std::size_t count = 0;
  std::optional<std::size_t> gap;
  if (text.substr(0, 2) == "::") {
    gap = 0;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    const auto colon = text.find(':');
    const auto part = text.substr(0, colon);
    if (part.find('.') != std::string_view::npos) {
      if (colon != std::string_view::npos || count + 4 > 16 || !parse_v4(part, &bytes[count])) return false;
      count += 4;
      break;
    }
    const auto value = part.size() <= 4 ? number(part, 16, 0xffff) : std::nullopt;
    if (!value || count + 2 > 16) return false;
    bytes[count++] = static_cast<std::uint8_t>(*value >> 8);
    bytes[count++] = static_cast<std::uint8_t>(*value & 0xff);
    if (colon == std::string_view::npos) break;
    text.remove_prefix(colon + 1);
    if (text.empty()) return false;  // a single colon at the end
    if (text.front() == ':') {
      if (gap) return false;
      gap = count;
      text.remove_prefix(1);
    }
  }
  if (gap ? count > 14 : count != 16) return false;
  out = {};
  const std::size_t head = gap.value_or(count);
  for (std::size_t i = 0; i < head; ++i) out[i] = bytes[i];
  for (std::size_t i = head; i < count; ++i) out[16 - count + i] = bytes[i];
  return true;
}

std::string v6_to_string(const std::array<std::uint8_t, 16>& bytes) {
  unsigned groups[8];
  for (int i = 0; i < 8; ++i) groups[i] = unsigned{bytes[2 * i]} << 8 | bytes[2 * i + 1];
  int best = -1, best_length = 1;  // RFC 5952 §4.2.2: a single zero group is not shortened
  for (int i = 0; i < 8; ++i) {
    int length = 0;
    while (i + length < 8 && groups[i + length] == 0) ++length;
    if (length > best_length) best = i, best_length = length;
  }
  std::string text;
  for (int i = 0; i < 8; ++i) {
    if (i == best) {
      text += "::";
      i += best_length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    text += fmt::format("{:x}", groups[i]);
  }
  return text;
}

}  // namespace

bool IpAddress::is_unspecified() const {
  for (const auto byte : bytes)
    if (byte != 0) return false;
  return true;
}

bool IpAddress::is_loopback() const {
  if (is_v4()) return bytes[0] == 127;
  for (int i = 0; i < 15; ++i)
    if (bytes[i] != 0) return false;
  return bytes[15] == 1;
}

bool IpAddress::is_link_local() const {
  return is_v4() ? bytes[0] == 169 && bytes[1] == 254 : bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}

std::string IpAddress::to_string() const {
  if (is_v4()) return fmt::format("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3]);
  return v6_to_string(bytes);
}

Expected<IpAddress> IpAddress::parse(std::string_view text) {
  IpAddress address;
  std::string_view bare = text;
  if (bare.size() >= 2 && bare.front() == '[' && bare.back() == ']') bare = bare.substr(1, bare.size() - 2);
  if (bare.find(':') != std::string_view::npos) {
    address.family = Family::v6;
    const auto percent = bare.find('%');
    const bool read = parse_v6(bare.substr(0, percent), address.bytes);
    if (read && percent == std::string_view::npos) return address;
    // RFC 4007 §11.2
    const auto zone = read ? number(bare.substr(percent + 1), 10, 0x7fffffff) : std::nullopt;
    if (zone && *zone != 0 && address.is_link_local()) {
      address.zone = *zone;
      return address;
    }
  } else if (parse_v4(bare, address.bytes.data())) {
    return address;
  }
  return fail(Layer::base, Fault::syntax, fmt::format("'{}' is not an IP address", text));
}

IpAddress IpAddress::loopback_v4() {
  IpAddress address;
  address.bytes[0] = 127;
  address.bytes[3] = 1;
  return address;
}

std::string Address::to_string() const {
  return ip.is_v4() ? fmt::format("{}:{}", ip.to_string(), port)
                    : fmt::format("[{}]:{}", ip.to_string(), port);
}

Expected<Address> Address::parse(std::string_view text, std::uint16_t default_port) {
  std::string_view host = text, port_text;
  const auto close = text.rfind(']');
  const auto colon = text.rfind(':');
  const bool bare_v6 = close == std::string_view::npos && text.find(':') != colon;
  if (!bare_v6 && colon != std::string_view::npos && (close == std::string_view::npos || colon > close)) {
    host = text.substr(0, colon);
    port_text = text.substr(colon + 1);
    if (port_text.empty())
      return fail(Layer::base, Fault::syntax, fmt::format("'{}' has no port after ':'", text));
  }
  auto ip = IpAddress::parse(host);
  if (!ip) return tl::make_unexpected(ip.error());
  Address address{*ip, default_port};
  if (!port_text.empty()) {
    const auto port = number(port_text, 10, 65535);
    if (!port) return fail(Layer::base, Fault::range, fmt::format("'{}' is not a port", port_text));
    address.port = static_cast<std::uint16_t>(*port);
  }
  return address;
}

}  // namespace sidetone

std::size_t std::hash<sidetone::Address>::operator()(const sidetone::Address& address) const noexcept {
  std::uint64_t h = 0xcbf29ce484222325u ^ address.port;
  const std::size_t count = address.ip.is_v4() ? 4 : 16;
  for (std::size_t i = 0; i < count; ++i) h = (h ^ address.ip.bytes[i]) * 0x100000001b3u;
  return static_cast<std::size_t>(h);
}
