// A range of addresses as people write it: "10.1.0.0/16", "2001:db8::/32", or one address alone (RFC 4632
// §3.1, RFC 4291 §2.3).
#pragma once

#include <string>
#include <string_view>

#include "base/address.h"

namespace sidetone {

struct IpNetwork {
  IpAddress ip;
  unsigned prefix_bits = 0;

  [[nodiscard]] bool contains(const IpAddress& address) const;
  [[nodiscard]] std::string to_string() const;
  // Bits behind the prefix may be set: "10.1.2.3/16" is 10.1.0.0/16.
  static Expected<IpNetwork> parse(std::string_view text);

  friend bool operator==(const IpNetwork&, const IpNetwork&) = default;
};

}  // namespace sidetone
