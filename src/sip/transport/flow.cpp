#include "sip/transport/flow.h"

#include "base/text.h"

namespace sidetone::sip {

std::string_view to_string(Transport transport) {
  switch (transport) {
    case Transport::udp: return "UDP";
    case Transport::tcp: return "TCP";
    case Transport::tls: return "TLS";
  }
  return "UDP";
}

std::optional<Transport> find_transport(std::string_view text) {
  for (const auto transport : {Transport::udp, Transport::tcp, Transport::tls})
    if (iequals(text, to_string(transport))) return transport;
  return std::nullopt;
}

}  // namespace sidetone::sip
