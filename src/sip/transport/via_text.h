// What the transport writes into and reads from the top Via.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "sip/message/headers.h"
#include "sip/transport/flow.h"

namespace sidetone::sip {

[[nodiscard]] constexpr std::uint16_t default_port(Transport transport) {
  return transport == Transport::tls ? 5061 : 5060;  // RFC 3261 §18.1.1
}

struct ViaFlags {
  bool rport = false;
  bool alias = false;  // RFC 5923 §7
};
[[nodiscard]] std::string write_via(Transport transport, std::string_view sent_by, std::string_view branch,
                                    ViaFlags flags);

// The Via with `received` and the value of `rport` as RFC 3261 §18.2.1 and RFC 3581 §4 ask; nothing when it
// is good as it stands. Values that the sender has put there itself are lies and go.
[[nodiscard]] std::optional<std::string> with_source(const Via& via, const Address& source);

// Where a response goes over UDP, or over a new connection when the request's one is gone (RFC 3261
// §18.2.2, RFC 3581 §4). `maddr` is not obeyed: it would let one datagram aim our answers at anybody.
[[nodiscard]] Address response_address(const Via& via, Transport transport, const Address& source);

}  // namespace sidetone::sip
