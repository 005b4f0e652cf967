#include <fmt/format.h>

#include "sip/transport/transport_impl.h"
#include "sip/transport/via_text.h"

namespace sidetone::sip {

using flows::Connection;
using flows::Outgoing;
using flows::Socket;

namespace {

constexpr std::size_t awaited_max = 64;
constexpr std::size_t datagram_bytes_max = 65507;  // IPv4: 65535 - 20 - 8

std::string_view version_of(IpAddress::Family family) {
  return family == IpAddress::Family::v4 ? "IPv4" : "IPv6";
}

// RFC 6223 §4.1: we would send keep-alives for this registration; with outbound that goes without saying.
bool asks_for_keep_alive(const Message& request) {
  return request.method() == Method::register_ &&
         request.value(HeaderId::supported).find("outbound") == std::string_view::npos;
}

}  // namespace

void TransportLayer::Impl::fail(const Outgoing& out, std::string why) {
  ++counters.dropped;
  if (out.message) events.emplace_back(SendError{out.token, std::move(why)});
}

void TransportLayer::Impl::wait(std::vector<Outgoing>& waiting, Outgoing out) {
  ++counters.pending;
  if (out.message) waiting_tokens.insert(out.token);
  waiting.push_back(std::move(out));
}

bool TransportLayer::Impl::still_wanted(const Outgoing& out) {
  --counters.pending;
  return !out.message || waiting_tokens.erase(out.token) > 0;
}

// RFC 5923 §8.1: we accept requests over the connection that we opened. It says something only where the
// sent-by is another port than the connection's own, and over TLS only: TCP proves nobody's name.
bool TransportLayer::Impl::may_be_aliased(const Flow& flow) const {
  return flow.transport == Transport::tls && sockets.listener(Transport::tls, flow.local.ip) != nullptr;
}

Bytes TransportLayer::Impl::with_via(Outgoing& out, const Flow& flow) const {
  if (!out.message) return out.bytes;
  auto via = write_via(flow.transport, sockets.sent_by(flow), out.branch,
                       {settings.use_rport, may_be_aliased(flow)});
  if (asks_for_keep_alive(*out.message)) via += ";keep";
  out.message->add_first(HeaderId::via, via);
  return std::make_shared<const std::string>(out.message->to_bytes());
}

void TransportLayer::Impl::send(Outgoing out, const NextHop& next_hop, Time now) {
  out.transport = next_hop.transport;
  out.socket = next_hop.socket;
  if (next_hop.transport == Transport::tls || (next_hop.flow && next_hop.flow->transport == Transport::tls))
    out.tls = {flows::tls_name(next_hop.tls_name.empty() ? next_hop.host : next_hop.tls_name),
               next_hop.tls_profile};
  if (next_hop.flow && (!is_lost_for_good(*next_hop.flow) || next_hop.host.empty()))
    return send_by_flow(std::move(out), *next_hop.flow, now);
  const std::uint16_t port = next_hop.port != 0 ? next_hop.port : default_port(next_hop.transport);
  if (const auto ip = IpAddress::parse(next_hop.host)) return send_to(std::move(out), {*ip, port}, now);
  if (next_hop.host.empty()) return fail(out, "The request has no host to go to");
  out.host_name = next_hop.host;
  resolve(std::move(out), next_hop, now);
}

// The other end of a connection that the peer opened was an ephemeral port where nobody listens: once it is
// broken, the dialog's target or the server is the way (RFC 3261 §12.2.1.1, §8.1.2).
bool TransportLayer::Impl::is_lost_for_good(const Flow& flow) const {
  if (flow.transport == Transport::udp) return false;
  if (const auto* connection = connections.find(flow.connection); connection && !connection->unreadable)
    return false;
  const Socket* listener = sockets.listener(flow.transport, flow.local.ip);
  return listener != nullptr && listener->local.port == flow.local.port;
}

// RFC 5626 §4.3: this very flow while it lives; afterwards a new one to the same address.
void TransportLayer::Impl::send_by_flow(Outgoing out, const Flow& flow, Time now) {
  out.transport = flow.transport;
  if (flow.transport == Transport::udp) {
    out.any_size = true;  // another transport would be another flow
    out.socket = sockets.find(flow.socket) != nullptr ? flow.socket : SocketId{};
    return send_to(std::move(out), flow.remote, now);
  }
  Connection* connection = connections.find(flow.connection);
  if (connection != nullptr && connection->unreadable && out.message) {
    out.tls = connection->tls;  // a request wants an answer, which could not be read
    return send_to(std::move(out), flow.remote, now);
  }
  if (connection == nullptr) {
    if (const auto* peer = lost_peers.find(flow.connection)) {
      if (!peer->name.empty()) out.tls.name = peer->name;
      out.tls.profile = peer->profile;
    }
    return send_to(std::move(out), flow.remote, now);
  }
  write(*connection, std::move(out), now);
}

void TransportLayer::Impl::send_to(Outgoing out, const Address& to, Time now) {
  if (out.transport != Transport::udp) return send_stream(std::move(out), to, now);
  const Socket* socket = out.socket ? sockets.find(out.socket) : sockets.first_udp(to.ip.family);
  if (socket == nullptr && out.socket) return fail(out, "The UDP socket for this request is closed");
  if (socket == nullptr || socket->local.ip.family != to.ip.family)
    return fail(
        out, fmt::format("There is no {} UDP socket to reach {}", version_of(to.ip.family), to.to_string()));
  Address zoned = to;  // what a peer writes has no zone: it means the link that it sees us on
  if (to.ip.is_link_local() && to.ip.zone == 0) zoned.ip.zone = socket->local.ip.zone;
  send_udp(std::move(out), *socket, zoned, now);
}

void TransportLayer::Impl::send_udp(Outgoing out, const Socket& socket, const Address& to, Time now) {
  const Flow flow{Transport::udp, socket.id, {}, socket.local, to};
  Bytes bytes = with_via(out, flow);
  // RFC 3261 §18.1.1; responses go where the request came from.
  if (out.message && bytes->size() > settings.udp_bytes_max && settings.large_over_tcp && !out.any_size &&
      !without_tcp.contains(to, now)) {
    out.message->remove_first(HeaderId::via);
    out.transport = Transport::tcp;
    out.udp_when_refused = true;
    return send_stream(std::move(out), to, now);
  }
  if (bytes->size() > datagram_bytes_max)
    return fail(out, fmt::format("{} bytes do not fit into a datagram", bytes->size()));
  emit_datagram(socket, to, bytes, now);
  if (!out.message) return;
  awaited.sent(to, out.token);
  events.emplace_back(Sent{out.token, flow, std::move(bytes)});
}

void TransportLayer::Impl::send_stream(Outgoing out, const Address& to, Time now) {
  Connection* connection = connections.find(out.transport, to, out.tls);
  if (connection == nullptr) {
    if (connections.size() >= settings.connections_max)
      return fail(out, fmt::format("All {} connections are in use", settings.connections_max));
    connection = &connections.start(out.transport, to, out.tls, now);
    io.emplace_back(OpenConnection{connection->id, out.transport, to,
                                   out.tls.name.empty() ? to.ip.to_string() : out.tls.name, out.tls.profile});
  }
  write(*connection, std::move(out), now);
}

void TransportLayer::Impl::write(Connection& connection, Outgoing out, Time now) {
  if (!connection.open) {
    if (connection.waiting.size() >= settings.pending_per_resolve_max)
      return fail(
          out, fmt::format("Too many messages wait for the connection to {}", connection.remote.to_string()));
    return wait(connection.waiting, std::move(out));
  }
  Bytes bytes = with_via(out, connection.flow());
  emit_stream(connection, bytes, now);
  if (!out.message) return;
  if (connection.awaited.size() < awaited_max) connection.awaited.push_back(out.token);
  events.emplace_back(Sent{out.token, connection.flow(), std::move(bytes)});
}

void TransportLayer::Impl::emit_datagram(const Socket& socket, const Address& to, Bytes bytes, Time now) {
  ++counters.sent;
  trace(SipDirection::out, {Transport::udp, socket.id, {}, socket.local, to}, bytes, now);
  io.emplace_back(SendDatagram{socket.id, to, std::move(bytes)});
}

void TransportLayer::Impl::emit_stream(Connection& connection, Bytes bytes, Time now) {
  ++counters.sent;
  connections.touch(connection, now);
  trace(SipDirection::out, connection.flow(), bytes, now);
  io.emplace_back(SendStream{connection.id, std::move(bytes)});
}

void TransportLayer::Impl::fail_awaited(Connection& connection, std::string_view why) {
  for (const auto token : connection.awaited)
    events.emplace_back(
        SendError{token, fmt::format("The {} connection to {} broke: {}", to_string(connection.transport),
                                     connection.remote.to_string(), why)});
  connection.awaited.clear();
}

void TransportLayer::Impl::drop(ConnectionId id, std::string_view why, Time now) {
  unfinished.end(id);
  strangers.end(id);
  unreadable.end(id);
  const auto connection = connections.remove(id);
  if (!connection) return;
  if (connection->transport == Transport::tls) lost_peers.add(id, connection->tls);
  kept.forget({id, {}, {}});
  if (connection->kept_alive) events.emplace_back(FlowLost{connection->flow(), std::string(why)});
  fail_awaited(*connection, why);
  if (!connection->open && connection->transport == Transport::tcp) without_tcp.add(connection->remote, now);
  for (auto& out : connection->waiting) {
    if (!still_wanted(out)) continue;
    if (out.udp_when_refused) {
      out.udp_when_refused = false;
      out.transport = Transport::udp;
      out.any_size = true;
      send_to(std::move(out), connection->remote, now);
    } else if (out.sent_by) {
      const auto by_name = *std::exchange(out.sent_by, std::nullopt);
      send(std::move(out), by_name, now);
    } else {
      fail(out, fmt::format("No {} connection to {}: {}", to_string(connection->transport),
                            connection->remote.to_string(), why));
    }
  }
}

void TransportLayer::Impl::close(ConnectionId id, std::string_view why, Time now) {
  io.emplace_back(CloseConnection{id});
  drop(id, why, now);
}

void TransportLayer::send_request(Message message, std::string_view branch, NextHop next_hop,
                                  std::uint64_t token, Time now) {
  Outgoing out;
  out.message = std::move(message);
  out.branch = branch;
  out.token = token;
  impl_->send(std::move(out), next_hop, now);
}

void TransportLayer::withdraw(std::uint64_t token) { impl_->waiting_tokens.erase(token); }

Flow TransportLayer::response_flow(const Message& request, const Flow& flow) {
  Flow back = flow;
  if (flow.transport != Transport::udp) return back;
  if (const auto via = Via::parse(request.value(HeaderId::via)))
    back.remote = response_address(*via, Transport::udp, flow.remote);
  return back;
}

void TransportLayer::resend(const Flow& flow, Bytes bytes, Time now) {
  if (flow.transport != Transport::udp && impl_->connections.find(flow.connection) == nullptr) {
    // A response finds its new way by its Via (RFC 3261 §18.2.2), which is read again only in this rare case.
    const auto message = parse_message(*bytes);
    if (message && !message->is_request()) {
      send_response(*message, flow, now);
      return;
    }
  }
  Outgoing out;
  out.bytes = std::move(bytes);
  impl_->send_by_flow(std::move(out), flow, now);
}

Bytes TransportLayer::send_response(const Message& response, const Flow& request_flow, Time now) {
  const Bytes bytes = std::make_shared<const std::string>(response.to_bytes());
  Outgoing out;
  out.bytes = bytes;
  Flow back = response_flow(response, request_flow);
  if (back.transport != Transport::udp && impl_->connections.find(back.connection) == nullptr)
    if (const auto via = Via::parse(response.value(HeaderId::via))) {
      back.remote = response_address(*via, back.transport, request_flow.remote);
      // Whoever answers there must be whom the request named as its sender.
      out.tls.name = flows::tls_name(via->host);
      if (!IpAddress::parse(via->host)) {
        out.sent_by = NextHop{back.transport, std::string(via->host), via->port};
        out.sent_by->tls_profile = out.tls.profile;
      }
    }
  impl_->send_by_flow(std::move(out), back, now);
  impl_->note_answer(request_flow, response.status(), now);
  return bytes;
}

}  // namespace sidetone::sip
