// The transport layer's state and its two halves: transport_send.cpp and transport_receive.cpp.
#pragma once

#include <unordered_set>

#include "sip/guard/allowance.h"
#include "sip/transport/awaited.h"
#include "sip/transport/connections.h"
#include "sip/transport/keep_alive.h"
#include "sip/transport/outgoing.h"
#include "sip/transport/sockets.h"
#include "sip/transport/transport_layer.h"
#include "sip/transport/waiting_peers.h"
#include "sip/transport/without_tcp.h"

namespace sidetone::sip {

struct TransportLayer::Impl {
  Impl(TransportSettings transport_settings, Random& random_source, LogSink& log_sink)
      : settings(std::move(transport_settings)),
        random(random_source),
        log(log_sink),
        locator(settings.location) {}

  // --- transport_send.cpp
  void send(flows::Outgoing out, const NextHop& next_hop, Time now);
  [[nodiscard]] bool is_lost_for_good(const Flow& flow) const;
  void send_by_flow(flows::Outgoing out, const Flow& flow, Time now);
  void send_to(flows::Outgoing out, const Address& to, Time now);
  void send_udp(flows::Outgoing out, const flows::Socket& socket, const Address& to, Time now);
  void send_stream(flows::Outgoing out, const Address& to, Time now);
  void write(flows::Connection& connection, flows::Outgoing out, Time now);
  void fail(const flows::Outgoing& out, std::string why);
  void wait(std::vector<flows::Outgoing>& waiting, flows::Outgoing out);
  // The wait of `out` is over; false when it was withdrawn meanwhile.
  bool still_wanted(const flows::Outgoing& out);
  void emit_datagram(const flows::Socket& socket, const Address& to, Bytes bytes, Time now);
  void emit_stream(flows::Connection& connection, Bytes bytes, Time now);
  [[nodiscard]] bool may_be_aliased(const Flow& flow) const;
  Bytes with_via(flows::Outgoing& out, const Flow& flow) const;
  void fail_awaited(flows::Connection& connection, std::string_view why);
  // The connection is gone; what waited for it fails or goes by UDP.
  void drop(ConnectionId id, std::string_view why, Time now);
  void close(ConnectionId id, std::string_view why, Time now);
  // An answer left by it: was it the last that an unreadable stream waited for?
  void note_answer(const Flow& flow, int status, Time now);

  // --- transport_names.cpp
  void resolve(flows::Outgoing out, const NextHop& next_hop, Time now);
  void resolved(const std::string& key, const Located& located, Time now);
  [[nodiscard]] Destination destination_of(const NextHop& next_hop) const;
  // --- transport_keep_alive.cpp
  void keep_flows_alive(Time now);
  void note_line_ends(flows::Connection& connection, std::string_view bytes);

  // --- transport_receive.cpp
  void receive(const Flow& flow, std::string_view bytes, Time now);
  void note_alias(const Flow& flow, const Message& request);
  void note_request(const Flow& flow, const Message& request);  // it will have an answer
  void read_stream(flows::Connection& connection, Time now);
  void close_when_answered(flows::Connection& connection, Time now);
  void unparsable(const Flow& flow, ParseError error, Time now);
  void trace(SipDirection direction, const Flow& flow, const Bytes& bytes, Time now) const;
  void note(LogLevel level, std::string text, Time now) const;
  // What anybody can make us write: noise, connections beyond the bound.
  void note_nuisance(std::string text, Time now);

  TransportSettings settings;
  RequestGate* gate = nullptr;
  Random& random;
  LogSink& log;
  flows::Sockets sockets;
  flows::Connections connections;
  flows::WaitingPeers unfinished;  // peers in the middle of a message
  flows::WaitingPeers strangers;   // accepted from whom the gate does not welcome
  flows::WaitingPeers unreadable;  // nothing more is read from them; they wait for answers of ours
  flows::LostPeers lost_peers;
  flows::Awaited awaited;
  flows::KeepAlive kept;
  Locator locator;
  std::unordered_map<std::string, std::vector<flows::Outgoing>> resolving;  // by what is looked for
  std::unordered_set<std::uint64_t> waiting_tokens;
  flows::WithoutTcp without_tcp;
  std::deque<Event> events;
  std::deque<IoOutput> io;
  Counters counters;
  // Bound: whoever sends nothing but noise writes ten lines, then one each ten seconds.
  Allowance nuisance_lines{10, std::chrono::seconds(10)};
  std::uint64_t nuisance_unlogged = 0;
};

}  // namespace sidetone::sip
