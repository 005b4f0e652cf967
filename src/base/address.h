// An IP address with a port, as a value: no socket type, no system header.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/expected.h"

namespace sidetone {

struct IpAddress {
  enum class Family : std::uint8_t { v4, v6 };
  Family family = Family::v4;
  std::array<std::uint8_t, 16> bytes{};  // v4 uses the first four
  // Link-local IPv6 only: the interface's index (RFC 4007 §6), without which no packet goes there. It means
  // something on this machine alone, so it is part of the value and never of its text.
  std::uint32_t zone = 0;

  [[nodiscard]] bool is_v4() const { return family == Family::v4; }
  [[nodiscard]] bool is_unspecified() const;  // 0.0.0.0 or ::
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] bool is_link_local() const;  // fe80::/10, 169.254.0.0/16
  // The same address whatever the zones say: what a peer wrote has none.
  [[nodiscard]] bool same_host(const IpAddress& other) const {
    return family == other.family && bytes == other.bytes;
  }
  // "192.0.2.1", "2001:db8::1" (RFC 5952); no brackets.
  [[nodiscard]] std::string to_string() const;
  // Accepts both families; IPv6 with or without brackets, link-local ones with a zone in digits
  // ("fe80::1%4"); its name is the system's to know. No host names.
  static Expected<IpAddress> parse(std::string_view text);
  static IpAddress loopback_v4();

  auto operator<=>(const IpAddress&) const = default;
};

struct Address {
  IpAddress ip;
  std::uint16_t port = 0;

  // "192.0.2.1:5060", "[2001:db8::1]:5060"
  [[nodiscard]] std::string to_string() const;
  static Expected<Address> parse(std::string_view text, std::uint16_t default_port);
  auto operator<=>(const Address&) const = default;
};

}  // namespace sidetone

template <>
struct std::hash<sidetone::Address> {
  std::size_t operator()(const sidetone::Address& address) const noexcept;
};
