// The server attribute of a Connectivity element.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/expected.h"

namespace sidetone::config {

enum class LineTransport : std::uint8_t { udp, tcp, tls, https };
[[nodiscard]] std::string_view to_string(LineTransport transport);  // "udp"

struct Server {
  std::string host;        // name or IP address; IPv6 without brackets
  std::uint16_t port = 0;  // 0: not given: a name is looked up as SRV (RFC 3263 §4.2), else 5060
  std::string sip_proxy;   // https only: host[:port] behind ?sip-proxy-address=
  friend bool operator==(const Server&, const Server&) = default;
};

// "host", "host:port", "[v6]:port", "gateway:port?sip-proxy-address=host:port"
[[nodiscard]] Expected<Server> parse_server(std::string_view text);

}  // namespace sidetone::config
