#include "sip/transport/transport_layer.h"

#include "sip/transport/transport_impl.h"

namespace sidetone::sip {

TransportLayer::TransportLayer(TransportSettings settings, Random& random, LogSink& log)
    : impl_(std::make_unique<Impl>(settings, random, log)) {}
TransportLayer::~TransportLayer() = default;

SocketId TransportLayer::add_udp_socket(Address local) { return impl_->sockets.add(Transport::udp, local); }

SocketId TransportLayer::add_listener(Transport transport, Address local, TlsProfileId tls_profile) {
  return impl_->sockets.add(transport, local, tls_profile);
}

void TransportLayer::set_gate(RequestGate* gate) { impl_->gate = gate; }

void TransportLayer::set_public_host(SocketId socket, std::string host, std::uint16_t port) {
  impl_->sockets.set_public_host(socket, std::move(host), port);
}

void TransportLayer::remove_socket(SocketId socket) { impl_->sockets.remove(socket); }

IpAddress TransportLayer::address_of(SocketId id) const {
  const auto* socket = impl_->sockets.find(id);
  return socket == nullptr ? IpAddress{} : socket->local.ip;
}

std::string TransportLayer::sent_by(const Flow& flow) const { return impl_->sockets.sent_by(flow); }

std::string TransportLayer::sent_by(const NextHop& hop) const {
  if (hop.flow) return sent_by(*hop.flow);
  Flow flow{hop.transport, hop.socket, {}, {}, {}};
  const auto ip = IpAddress::parse(hop.host);
  if (ip && hop.transport == Transport::udp && !hop.socket)
    if (const auto* socket = impl_->sockets.first_udp(ip->family)) flow.socket = socket->id;
  return sent_by(flow);
}

void TransportLayer::on_time(Time now) {
  impl_->locator.on_time(now);
  auto& connections = impl_->connections;
  while (const auto* opening = connections.longest_opening()) {
    if (opening->used + impl_->settings.connect_max > now) break;
    impl_->close(opening->id, "nobody answered in time", now);
  }
  while (const auto* slow = impl_->unfinished.oldest()) {
    if (slow->since + impl_->settings.message_complete_max > now) break;
    impl_->close(slow->id, "a message was not completed in time", now);
  }
  while (const auto* unreadable = impl_->unreadable.oldest()) {
    if (unreadable->since + impl_->settings.message_complete_max > now) break;
    impl_->close(unreadable->id, "the stream could not be read", now);
  }
  while (const auto* stranger = impl_->strangers.oldest()) {
    if (stranger->since + impl_->settings.stranger_stay_max > now) break;
    impl_->close(stranger->id, "it is no server of a line", now);
  }
  while (const auto* idle = connections.longest_idle()) {
    if (idle->used + impl_->settings.connection_idle_max > now) break;
    impl_->close(idle->id, "idle", now);
  }
  impl_->keep_flows_alive(now);
}

std::optional<Deadline> TransportLayer::deadline() const {
  std::optional<Deadline> next = impl_->locator.deadline();
  if (const auto* opening = impl_->connections.longest_opening())
    next = earlier(next, Deadline{opening->used + impl_->settings.connect_max, "connect"});
  if (const auto* slow = impl_->unfinished.oldest())
    next = earlier(next, Deadline{slow->since + impl_->settings.message_complete_max, "message_unfinished"});
  if (const auto* unreadable = impl_->unreadable.oldest())
    next = earlier(next, Deadline{unreadable->since + impl_->settings.message_complete_max, "unreadable"});
  if (const auto* stranger = impl_->strangers.oldest())
    next = earlier(next, Deadline{stranger->since + impl_->settings.stranger_stay_max, "stranger"});
  if (const auto* idle = impl_->connections.longest_idle())
    next = earlier(next, Deadline{idle->used + impl_->settings.connection_idle_max, "connection_idle"});
  return earlier(next, impl_->kept.deadline());
}

std::optional<TransportLayer::Event> TransportLayer::poll_event() {
  if (impl_->events.empty()) return std::nullopt;
  std::optional<Event> event(std::move(impl_->events.front()));
  impl_->events.pop_front();
  return event;
}

std::optional<IoOutput> TransportLayer::poll_io() {
  if (impl_->io.empty()) {
    if (auto query = impl_->locator.poll_query()) return IoOutput(std::move(*query));
    return std::nullopt;
  }
  std::optional<IoOutput> output(std::move(impl_->io.front()));
  impl_->io.pop_front();
  return output;
}

TransportLayer::Counters TransportLayer::counters() const {
  Counters counters = impl_->counters;
  counters.connections = impl_->connections.size();
  counters.kept_alive = impl_->kept.size();
  return counters;
}

}  // namespace sidetone::sip
