#include "sip/transport/connections.h"

#include <fmt/format.h>

namespace sidetone::sip::flows {
namespace {

std::string key_of(Transport transport, const Address& remote, std::string_view host_name) {
  return fmt::format("{} {} {}", to_string(transport), remote.to_string(),
                     transport == Transport::tls ? host_name : "");
}

}  // namespace

Connection& Connections::add(std::list<ConnectionId>& order, Time now) {
  auto made = std::make_unique<Connection>();
  made->id = ids_.next();
  made->used = now;
  made->place = order.insert(order.end(), made->id);
  Connection& connection = *made;
  by_id_.emplace(connection.id, std::move(made));
  return connection;
}

Connection& Connections::start(Transport transport, const Address& remote, std::string_view host_name,
                               Time now) {
  Connection& connection = add(opening_, now);
  connection.transport = transport;
  connection.remote = remote;
  connection.peer_key = key_of(transport, remote, host_name);
  by_peer_[connection.peer_key] = connection.id;
  return connection;
}

Connection& Connections::accept(Transport transport, const Address& local, const Address& remote, Time now) {
  Connection& connection = add(idle_, now);
  connection.transport = transport;
  connection.local = local;
  connection.remote = remote;
  connection.open = true;
  if (transport == Transport::tcp) {
    connection.peer_key = key_of(transport, remote, {});
    by_peer_.try_emplace(connection.peer_key, connection.id);
  }
  return connection;
}

void Connections::opened(Connection& connection, const Address& local, Time now) {
  connection.open = true;
  connection.local = local;
  connection.used = now;
  idle_.splice(idle_.end(), opening_, connection.place);
}

void Connections::touch(Connection& connection, Time now) {
  connection.used = now;
  if (connection.open) idle_.splice(idle_.end(), idle_, connection.place);
}

std::unique_ptr<Connection> Connections::remove(ConnectionId id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return nullptr;
  auto connection = std::move(found->second);
  by_id_.erase(found);
  (connection->open ? idle_ : opening_).erase(connection->place);
  const auto peer = by_peer_.find(connection->peer_key);
  if (peer != by_peer_.end() && peer->second == id) by_peer_.erase(peer);
  return connection;
}

Connection* Connections::find(ConnectionId id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second.get();
}

Connection* Connections::find(Transport transport, const Address& remote, std::string_view host_name) const {
  const auto found = by_peer_.find(key_of(transport, remote, host_name));
  return found == by_peer_.end() ? nullptr : find(found->second);
}

const Connection* Connections::front(const std::list<ConnectionId>& order) const {
  return order.empty() ? nullptr : find(order.front());
}

const Connection* Connections::longest_idle() const { return front(idle_); }
const Connection* Connections::longest_opening() const { return front(opening_); }

}  // namespace sidetone::sip::flows
