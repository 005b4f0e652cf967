#include "sip/dialog/next_hop.h"

#include "base/text.h"
#include "sip/message/uri.h"

namespace sidetone::sip {

bool is_sips(std::string_view uri) { return uri.size() > 5 && iequals(uri.substr(0, 5), "sips:"); }

std::optional<NextHop> next_hop_of(std::string_view text) {
  const auto uri = Uri::parse(text);
  if (!uri || (uri->scheme != Uri::Scheme::sip && uri->scheme != Uri::Scheme::sips)) return std::nullopt;
  NextHop hop;
  // RFC 3261 §26.2.2: a sips: URI is TLS, also where transport=tcp names what lies under it.
  if (uri->scheme == Uri::Scheme::sips)
    hop.transport = Transport::tls;
  else if (const auto named = find_transport(uri->transport()))
    hop.transport = *named;
  // RFC 3261 §19.1.1: maddr overrides the host as the place to send to.
  auto host = uri->params.has("maddr") ? uri->params.get("maddr") : uri->host;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host.empty()) return std::nullopt;
  hop.host = std::string(host);
  hop.port = uri->port;
  hop.any_transport = uri->transport().empty();
  return hop;
}

}  // namespace sidetone::sip
