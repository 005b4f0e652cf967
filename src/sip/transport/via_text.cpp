#include "sip/transport/via_text.h"

#include <fmt/format.h>

#include "base/text.h"

namespace sidetone::sip {
namespace {

// Cuts the first ";name=value" off `params`, minding quotes.
std::string_view take_param(std::string_view& params) {
  bool quoted = false;
  std::size_t end = 1;
  for (; end < params.size(); ++end) {
    if (quoted && params[end] == '\\')
      ++end;
    else if (params[end] == '"')
      quoted = !quoted;
    else if (params[end] == ';' && !quoted)
      break;
  }
  const auto param = params.substr(0, end);
  params.remove_prefix(param.size());
  return param;
}

std::string_view name_of(std::string_view param) {
  param.remove_prefix(1);
  return trim(param.substr(0, param.find('=')));
}

}  // namespace

std::string write_via(Transport transport, std::string_view sent_by, std::string_view branch,
                      ViaFlags flags) {
  return fmt::format("SIP/2.0/{} {};branch={}{}{}", to_string(transport), sent_by, branch,
                     flags.rport ? ";rport" : "", flags.alias ? ";alias" : "");
}

std::optional<std::string> with_source(const Via& via, const Address& source) {
  const auto host = IpAddress::parse(via.host);
  const bool needs_received = via.wants_rport() || !host || !host->same_host(source.ip);
  if (!needs_received && !via.params.has("received")) return std::nullopt;
  std::string text = fmt::format("SIP/2.0/{} {}", via.transport, via.host);
  if (via.port != 0) text += fmt::format(":{}", via.port);
  for (auto params = via.params.text(); !params.empty();) {
    const auto param = take_param(params);
    if (!iequals(name_of(param), "received") && !iequals(name_of(param), "rport")) text += param;
  }
  if (needs_received) text += fmt::format(";received={}", source.ip.to_string());
  if (via.wants_rport()) text += fmt::format(";rport={}", source.port);
  return text;
}

Address response_address(const Via& via, Transport transport, const Address& source) {
  Address to = source;
  if (const auto received = IpAddress::parse(via.received()))
    to.ip = *received;
  else if (const auto host = IpAddress::parse(via.host))
    to.ip = *host;
  to.port = via.port != 0 ? via.port : default_port(transport);
  if (transport != Transport::udp) return to;
  if (const auto rport = parse_number<std::uint16_t>(via.params.get("rport")); rport && *rport != 0)
    to.port = *rport;
  return to;
}

}  // namespace sidetone::sip
