#include "endpoint/referred_way.h"

#include "base/text.h"
#include "sip/message/uri.h"
#include "sip/transport/via_text.h"

namespace sidetone::endpoint {
namespace {

// Whether `uri` is at the line's own server.
bool is_at_home(const sip::Uri& uri, const CoreLine& line) {
  const auto port = uri.port != 0 ? uri.port : sip::default_port(line.transport);
  const auto own = line.server_port != 0 ? line.server_port : sip::default_port(line.transport);
  auto host = uri.host;
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  return (iequals(host, line.server_host) && port == own) || iequals(uri.host, line.domain);
}

}  // namespace

std::optional<sip::NextHop> way_past_the_server(const std::string& target, const CoreLine& line) {
  const auto uri = sip::Uri::parse(target);
  if (!uri || is_at_home(*uri, line)) return std::nullopt;
  auto hop = sip::next_hop_of(target);
  if (!hop) return std::nullopt;
  if (uri->transport().empty() && uri->scheme != sip::Uri::Scheme::sips) hop->transport = line.transport;
  // What the line protects shall not go in the clear because somebody referred us.
  if (line.transport == sip::Transport::tls && hop->transport != sip::Transport::tls) return std::nullopt;
  if (hop->transport == sip::Transport::udp) hop->socket = line.socket;
  hop->tls_profile = line.tls_profile;
  return hop;
}

}  // namespace sidetone::endpoint
