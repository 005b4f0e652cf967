#include "engine/line_address.h"

#include <fmt/format.h>

#include "net/interfaces.h"

namespace sidetone::engine {
namespace {

std::optional<IpAddress> numeric(const std::string& host) {
  if (host == "localhost") return IpAddress::loopback_v4();
  const auto ip = IpAddress::parse(host);
  return ip ? std::optional(*ip) : std::nullopt;
}

std::string_view version_of(const IpAddress& ip) { return ip.is_v4() ? "IPv4" : "IPv6"; }

}  // namespace

Expected<IpAddress> line_address(const endpoint::CoreLine& line, const net::PublicAddress& own) {
  const auto server = numeric(line.server_host);
  if (!server) return own.ip;
  if (own.is_automatic && (server->family == own.ip.family || own.any_family)) {
    auto local = net::local_address_towards({*server, line.server_port});
    // Without a route the line fails when it registers, and is tried again; a cable may be put in later.
    if (local || server->family == own.ip.family) return local ? *local : own.ip;
    return local;
  }
  if (server->family == own.ip.family) return own.ip;
  return fail(Layer::net, Fault::unreachable,
              fmt::format("the server {} of line {} is {}, the own address {} is {}", line.server_host,
                          line.user, version_of(*server), own.ip.to_string(), version_of(own.ip)),
              "let public_address, ip_versions and the server's address be of one IP version");
}

}  // namespace sidetone::engine
