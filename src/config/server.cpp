#include "config/server.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/address.h"
#include "base/text.h"

namespace sidetone::config {
namespace {

constexpr std::string_view proxy_key = "sip-proxy-address=";

// A little wider than RFC 1123 §2.1: names with '_' are seen in private zones.
bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && text.front() != '.' && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           const char lower = ascii_lower(c);
           return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                  c == '_';
         });
}

// A name of digits and dots alone is an IPv4 address, and then it must be a right one.
bool looks_like_v4(std::string_view text) {
  return text.find_first_not_of("0123456789.") == std::string_view::npos;
}

tl::unexpected<Error> refuse(std::string text) {
  return fail(Layer::config, Fault::syntax, std::move(text), "write host:port, such as sip.example.com:5060");
}

Expected<Server> parse_host_port(std::string_view text) {
  Server server;
  std::string_view host = text;
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return refuse("the bracket of an IPv6 address is not closed");
    host = text.substr(1, close - 1);
    const auto rest = text.substr(close + 1);
    if (!rest.empty() && rest.front() != ':') return refuse("there is text behind the IPv6 address");
    has_port = !rest.empty();
    if (has_port) port = rest.substr(1);
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    host = take_until(text, ':');
    port = text;
    has_port = true;
  }
  if (host.find(':') != std::string_view::npos || looks_like_v4(host)) {
    const auto ip = IpAddress::parse(host);
    if (!ip)
      return refuse(host.empty() ? "the host is missing" : fmt::format("'{}' is not an IP address", host));
    server.host = ip->to_string();
  } else if (is_host_name(host)) {
    server.host = host;
  } else {
    return refuse(fmt::format("'{}' is not a host name", host.substr(0, 60)));
  }
  if (!has_port) return server;
  const auto number = parse_number<std::uint16_t>(port);
  if (!number || *number == 0)
    return refuse(fmt::format("'{}' is not a port from 1 to 65535", port.substr(0, 60)));
  server.port = *number;
  return server;
}

}  // namespace

std::string_view to_string(LineTransport transport) {
  switch (transport) {
    case LineTransport::udp: return "udp";
    case LineTransport::tcp: return "tcp";
    case LineTransport::tls: return "tls";
    case LineTransport::https: return "https";
  }
  return "?";
}

Expected<Server> parse_server(std::string_view text) {
  std::string_view query = trim(text);
  const auto target = take_until(query, '?');
  auto server = parse_host_port(target);
  if (!server || query.empty()) return server;
  if (query.size() < proxy_key.size() || !iequals(query.substr(0, proxy_key.size()), proxy_key))
    return refuse("the only thing that may follow '?' is sip-proxy-address=host:port");
  const auto proxy = query.substr(proxy_key.size());
  if (const auto checked = parse_host_port(proxy); !checked)
    return refuse("sip-proxy-address: " + checked.error().text);
  server->sip_proxy = proxy;
  return server;
}

}  // namespace sidetone::config
