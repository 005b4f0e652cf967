// Decisions of RFC 3261 §18 and RFC 3581 without sockets: which flow a message takes, Via, received and
// rport, the switch to TCP above 1300 bytes, stream framing, connection reuse (RFC 5923 §5 within one peer
// address), CRLF pings answered.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "base/time.h"
#include "sip/guard/request_gate.h"
#include "sip/location/locator.h"
#include "sip/message/message.h"
#include "sip/message/parser.h"
#include "sip/transport/flow.h"

namespace sidetone::sip {

// Line ends over UDP hold a NAT's binding open (a STUN agent, RFC 5626 §4.4.2, is not spoken here).
enum class UdpKeepAlive : std::uint8_t {
  never,
  behind_nat,  // when a registrar's response shows a NAT, or the server asks for it (RFC 6223)
  always,
};

struct TransportSettings {
  std::size_t udp_bytes_max = 1300;    // RFC 3261 §18.1.1: larger requests go over TCP ...
  bool large_over_tcp = true;          // ... unless that is switched off
  std::size_t connections_max = 1024;  // bound: a flood of connections must not eat all descriptors
  std::size_t pending_per_resolve_max = 64;
  Duration connection_idle_max = std::chrono::minutes(10);
  // A peer that sends a message byte by byte must not hold a place for ever; after 64*T1 whoever waits for
  // the answer has given up.
  Duration message_complete_max = std::chrono::seconds(32);
  // Strangers (RequestGate::welcomes) cannot take the places of those that we talk with, nor stay.
  std::size_t strangers_max = 32;
  Duration stranger_stay_max = std::chrono::seconds(32);
  // A connection that is not open by then counts as refused: firewalls that swallow TCP are common, and a
  // request that was moved from UDP must get its second chance before timer B.
  Duration connect_max = std::chrono::seconds(5);
  bool use_rport = true;
  LocationSettings location;
  UdpKeepAlive udp_keep_alive = UdpKeepAlive::behind_nat;
};

class TransportLayer {
 public:
  // Events for the transaction layer, polled in order.
  struct Received {
    Flow flow;
    Message message;
  };
  // A message that cannot be parsed but can be answered (status from the ParseError).
  struct Unparsable {
    Flow flow;
    ParseError error;
  };
  // A send that failed, with the token given to send_request(); the flow may be dead.
  struct SendError {
    std::uint64_t token;
    std::string why;
  };
  // The request left (or is on its way into an open connection) by this flow, as these bytes.
  struct Sent {
    std::uint64_t token;
    Flow flow;
    Bytes bytes;
  };
  // A connection that keep_alive() was asked for is no more.
  struct FlowLost {
    Flow flow;
    std::string why;
  };
  using Event = std::variant<Received, Unparsable, SendError, Sent, FlowLost>;

  TransportLayer(TransportSettings settings, Random& random, LogSink& log);

  // --- configuration
  SocketId add_udp_socket(Address local);  // bound by the driver, port known
  SocketId add_listener(Transport transport, Address local, TlsProfileId tls_profile = {});
  // What Via and Contact shall say for messages from this socket, when not its own address (public_address).
  void set_public_host(SocketId socket, std::string host, std::uint16_t port);
  void remove_socket(SocketId socket);
  [[nodiscard]] IpAddress address_of(SocketId socket) const;  // unspecified: listens on all, or is not there
  [[nodiscard]] std::string sent_by(const Flow& flow) const;  // "host:port" for Via and Contact
  // The same for a request that is still to be sent; the flow's own sent_by() is better once it is known.
  [[nodiscard]] std::string sent_by(const NextHop& hop) const;

  // Asked before a request is read; must outlive this. Null: all are read.
  void set_gate(RequestGate* gate);

  // --- inputs from the driver
  void datagram(SocketId socket, Address from, std::string bytes, Time now);
  // None: refuse it. TLS comes here after the handshake, with the names that the client's verified
  // certificate carries (RFC 5922 §7.4); none without a certificate.
  ConnectionId accepted(SocketId listener, Address local, Address remote, Time now,
                        std::vector<std::string> peer_names = {});
  void opened(ConnectionId connection, Address local, Address remote, Time now);
  void stream_data(ConnectionId connection, std::string_view bytes, Time now);
  void closed(ConnectionId connection, std::string_view why, Time now);
  void datagram_failed(SocketId socket, Address to, std::string_view why, Time now);  // ICMP port unreachable
  void dns_answer(DnsQueryId id, const DnsAnswer& answer, Time now);
  void on_time(Time now);  // closes idle connections, keeps others alive
  // These are the machine's addresses now: connections from others are no more.
  void addresses_changed(const std::vector<IpAddress>& addresses, Time now);
  // Nothing that was open can be believed in any more (the machine slept).
  void drop_connections(std::string_view why, Time now);

  // --- keep-alive (RFC 5626 §4.4), from the user of a flow
  // `interval_max` zero: the transport's default. `expects_pong`: the peer has promised to answer.
  void keep_alive(const Flow& flow, Duration interval_max, bool expects_pong, Time now);
  void forget_keep_alive(const Flow& flow);

  // --- from the transaction layer
  // Adds the top Via with `branch` (and rport), picks the flow, writes. `token` comes back in Sent or
  // SendError, later: nothing calls back.
  void send_request(Message message, std::string_view branch, NextHop next_hop, std::uint64_t token,
                    Time now);
  // Nobody waits for this request any more: it does not leave when its name or connection comes at last.
  void withdraw(std::uint64_t token);
  // Bytes that were sent before, once more.
  void resend(const Flow& flow, Bytes bytes, Time now);
  // RFC 3261 §18.2.2, RFC 3581 §4: by the flow it came from; over a broken connection a new one to sent-by.
  // The flow with the address to which responses to `request` go (RFC 3261 §18.2.2): resend() to this one.
  [[nodiscard]] static Flow response_flow(const Message& request, const Flow& flow);
  Bytes send_response(const Message& response, const Flow& request_flow, Time now);

  // --- names
  [[nodiscard]] Locator& locator();
  // What the locator is to find for a hop with a name: with the IP versions that our sockets have.
  [[nodiscard]] Destination destination_of(const NextHop& next_hop) const;

  // --- outputs
  std::optional<Event> poll_event();
  std::optional<IoOutput> poll_io();
  [[nodiscard]] std::optional<Deadline> deadline() const;

  struct Counters {
    std::uint64_t received = 0, sent = 0, unparsable = 0, dropped = 0;
    std::size_t connections = 0, pending = 0, kept_alive = 0;
  };
  [[nodiscard]] Counters counters() const;

  // The data members are the implementer's.
  ~TransportLayer();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sidetone::sip
