#include <fmt/format.h>

#include <algorithm>

#include "sip/transport/transport_impl.h"
#include "sip/transport/via_text.h"

namespace sidetone::sip {

using flows::Connection;

namespace {

// Bound: a stream of nothing but pings must not fill our output faster than it is read.
constexpr std::size_t pongs_max = 16;

constexpr std::string_view unreadable_text = "the stream could not be read";

// Keep-alives over UDP: line ends (RFC 5626 §4.4.1 in spirit) and the NULs of older phones.
bool is_keep_alive(std::string_view bytes) {
  return bytes.find_first_not_of(std::string_view("\r\n\0 ", 4)) == std::string_view::npos;
}

// RFC 8489 §5: the two first bits are zero and the cookie follows; SIP starts with a letter.
bool is_stun(std::string_view bytes) { return static_cast<unsigned char>(bytes.front()) < 4; }

void fill_source(Message& request, const Address& source) {
  const auto via = Via::parse(request.value(HeaderId::via));
  if (!via) return;
  if (const auto text = with_source(*via, source)) request.replace_first(HeaderId::via, *text);
}

}  // namespace

void TransportLayer::Impl::trace(SipDirection direction, const Flow& flow, const Bytes& bytes,
                                 Time now) const {
  if (!log.wants_sip() || (gate != nullptr && !gate->lets_trace(direction, flow, *bytes))) return;
  log.trace({now, direction, flow.local, flow.remote, to_string(flow.transport), bytes});
}

void TransportLayer::Impl::note(LogLevel level, std::string text, Time now) const {
  if (log.wants(LogTag::sip, level)) log.write({now, level, LogTag::sip, {}, 0, std::move(text)});
}

void TransportLayer::Impl::note_nuisance(std::string text, Time now) {
  if (!nuisance_lines.take(now)) {
    ++nuisance_unlogged;
    return;
  }
  if (nuisance_unlogged > 0) text += fmt::format("; {} more since the last such line", nuisance_unlogged);
  nuisance_unlogged = 0;
  note(LogLevel::warning, std::move(text), now);
}

void TransportLayer::Impl::receive(const Flow& flow, std::string_view bytes, Time now) {
  ++counters.received;
  if (gate != nullptr && !gate->lets_read(flow, bytes, now)) return;
  if (log.wants_sip()) trace(SipDirection::in, flow, std::make_shared<const std::string>(bytes), now);
  auto message = parse_message(bytes);
  if (!message) return unparsable(flow, std::move(message.error()), now);
  if (message->is_request()) {
    note_alias(flow, *message);
    note_request(flow, *message);
    fill_source(*message, flow.remote);
  }
  events.emplace_back(Received{flow, std::move(*message)});
}

// RFC 5923 §8.2: the topmost Via's port, or the default one, is where the client takes requests.
void TransportLayer::Impl::note_alias(const Flow& flow, const Message& request) {
  if (flow.transport != Transport::tls) return;
  Connection* connection = connections.find(flow.connection);
  if (connection == nullptr || connection->peer_names.empty()) return;
  const auto via = Via::parse(request.value(HeaderId::via));
  if (via && via->params.has("alias"))
    connections.add_alias(*connection, via->port != 0 ? via->port : default_port(Transport::tls));
}

void TransportLayer::Impl::note_request(const Flow& flow, const Message& request) {
  if (flow.transport == Transport::udp || request.method() == Method::ack) return;
  if (Connection* connection = connections.find(flow.connection)) ++connection->unanswered;
}

void TransportLayer::Impl::unparsable(const Flow& flow, ParseError error, Time now) {
  ++counters.unparsable;
  note_nuisance(fmt::format("Unreadable SIP message from {} {}: {}: {}", to_string(flow.transport),
                            flow.remote.to_string(), error.header, error.text),
                now);
  // An ACK is never answered (RFC 3261 §17), a response neither.
  if (!error.answerable || !error.answerable->is_request() || error.answerable->method() == Method::ack)
    return;
  note_request(flow, *error.answerable);
  fill_source(*error.answerable, flow.remote);
  events.emplace_back(Unparsable{flow, std::move(error)});
}

void TransportLayer::Impl::read_stream(Connection& connection, Time now) {
  const ConnectionId id = connection.id;
  while (auto next = connection.framer.next()) {
    if (!*next) {
      ++counters.unparsable;
      note_nuisance(fmt::format("Unreadable stream from {} {}: {}", to_string(connection.transport),
                                connection.remote.to_string(), next->error().text),
                    now);
      return close_when_answered(connection, now);
    }
    unfinished.end(id);
    receive(connection.flow(), **next, now);
  }
  if (connection.framer.is_in_message())
    unfinished.begin(id, now);
  else
    unfinished.end(id);
  // RFC 5626 §4.4.1.
  const std::size_t pings = connection.framer.pings_seen() - connection.pings_answered;
  connection.pings_answered += pings;
  std::string pongs;
  for (std::size_t i = 0; i < std::min(pings, pongs_max); ++i) pongs += "\r\n";
  if (!pongs.empty()) io.emplace_back(SendStream{id, std::make_shared<const std::string>(std::move(pongs))});
}

// RFC 3261 §18.3 leaves no way to find the next message. What came before is answered by this connection all
// the same: its sender may listen nowhere else.
void TransportLayer::Impl::close_when_answered(Connection& connection, Time now) {
  if (connection.unanswered == 0) return close(connection.id, unreadable_text, now);
  connection.unreadable = true;
  connections.retire(connection);
  fail_awaited(connection, unreadable_text);
  unfinished.end(connection.id);
  unreadable.begin(connection.id, now);
}

void TransportLayer::Impl::note_answer(const Flow& flow, int status, Time now) {
  Connection* connection = status >= 200 ? connections.find(flow.connection) : nullptr;
  if (connection == nullptr || connection->unanswered == 0) return;
  if (--connection->unanswered == 0 && connection->unreadable) close(connection->id, unreadable_text, now);
}

void TransportLayer::datagram(SocketId socket, Address from, std::string bytes, Time now) {
  const flows::Socket* known = impl_->sockets.find(socket);
  if (known == nullptr) return;
  impl_->awaited.heard(from);
  if (is_keep_alive(bytes) || is_stun(bytes)) return;
  impl_->receive({Transport::udp, socket, {}, known->local, from}, bytes, now);
}

ConnectionId TransportLayer::accepted(SocketId listener, Address local, Address remote, Time now,
                                      std::vector<std::string> peer_names) {
  const flows::Socket* socket = impl_->sockets.find(listener);
  if (socket == nullptr || socket->transport == Transport::udp) return {};
  if (impl_->connections.size() >= impl_->settings.connections_max) {
    ++impl_->counters.dropped;
    impl_->note_nuisance(fmt::format("Connection from {} refused: all {} are in use", remote.to_string(),
                                     impl_->settings.connections_max),
                         now);
    return {};
  }
  const bool is_stranger = impl_->gate != nullptr && !impl_->gate->welcomes(remote.ip, socket->transport);
  if (is_stranger && impl_->strangers.size() >= impl_->settings.strangers_max) {
    ++impl_->counters.dropped;
    return {};
  }
  Connection& connection = impl_->connections.accept(socket->transport, local, remote, now);
  if (is_stranger) impl_->strangers.begin(connection.id, now);
  connection.tls.profile = socket->tls_profile;
  connection.peer_names = std::move(peer_names);
  return connection.id;
}

void TransportLayer::opened(ConnectionId id, Address local, Address, Time now) {
  Connection* connection = impl_->connections.find(id);
  if (connection == nullptr || connection->open) return;
  impl_->connections.opened(*connection, local, now);
  auto waiting = std::move(connection->waiting);
  connection->waiting.clear();
  for (auto& out : waiting)
    if (impl_->still_wanted(out)) impl_->write(*connection, std::move(out), now);
}

void TransportLayer::stream_data(ConnectionId id, std::string_view bytes, Time now) {
  Connection* connection = impl_->connections.find(id);
  if (connection == nullptr) return;  // we closed it while these bytes were on their way
  if (connection->unreadable) return;
  impl_->connections.touch(*connection, now);
  connection->awaited.clear();
  connection->framer.append(bytes);
  impl_->read_stream(*connection, now);
  if (Connection* alive = impl_->connections.find(id)) impl_->note_line_ends(*alive, bytes);
}

void TransportLayer::closed(ConnectionId id, std::string_view why, Time now) { impl_->drop(id, why, now); }

void TransportLayer::datagram_failed(SocketId, Address to, std::string_view why, Time) {
  for (const auto token : impl_->awaited.take(to))
    impl_->events.emplace_back(
        SendError{token, fmt::format("{} cannot be reached: {}", to.to_string(), why)});
}

}  // namespace sidetone::sip
