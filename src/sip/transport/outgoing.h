// A message on its way out, while a name is resolved or a connection opened.
#pragma once

#include <optional>
#include <string>

#include "sip/message/message.h"
#include "sip/transport/flow.h"
#include "sip/transport/tls_peer.h"

namespace sidetone::sip::flows {

struct Outgoing {
  std::optional<Message> message;  // a request that has no Via yet
  std::string branch;
  std::uint64_t token = 0;
  Bytes bytes;  // instead of `message`: a response, or a request that was sent before; nobody waits for it
  Transport transport = Transport::udp;
  SocketId socket;
  std::string host_name;             // that was asked for, in words to the user
  TlsPeer tls;                       // whom the connection must reach
  bool udp_when_refused = false;     // was too long for UDP; UDP is better than nothing (RFC 3261 §18.1.1)
  bool any_size = false;             // over UDP, whatever its length
  std::optional<Address> preferred;  // see NextHop
  // A response: when no connection to the source can be made, the name in Via is looked up (RFC 3263 §5).
  std::optional<NextHop> sent_by;
};

}  // namespace sidetone::sip::flows
