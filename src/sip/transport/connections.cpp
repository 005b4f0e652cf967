#include "sip/transport/connections.h"

#include <fmt/format.h>

#include <algorithm>

namespace sidetone::sip::flows {
namespace {

// Bound: a certificate may list hundreds of names; each costs an entry.
constexpr std::size_t alias_names_max = 16;

std::string key_of(Transport transport, const Address& remote, std::string_view name, TlsProfileId profile) {
  if (transport != Transport::tls) return fmt::format("{} {}", to_string(transport), remote.to_string());
  return fmt::format("TLS {} {} {}", remote.to_string(), profile.value, name);
}

std::string key_of(Transport transport, const Address& remote, const TlsPeer& peer) {
  return key_of(transport, remote, peer.name.empty() ? remote.ip.to_string() : peer.name, peer.profile);
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

void Connections::add_key(Connection& connection, std::string key, bool replace) {
  if (replace)
    by_peer_[key] = connection.id;
  else if (!by_peer_.try_emplace(key, connection.id).second)
    return;
  connection.peer_keys.push_back(std::move(key));
}

Connection& Connections::start(Transport transport, const Address& remote, const TlsPeer& peer, Time now) {
  Connection& connection = add(opening_, now);
  connection.transport = transport;
  connection.remote = remote;
  connection.tls = peer;
  add_key(connection, key_of(transport, remote, peer), true);
  return connection;
}

Connection& Connections::accept(Transport transport, const Address& local, const Address& remote, Time now) {
  Connection& connection = add(idle_, now);
  connection.transport = transport;
  connection.local = local;
  connection.remote = remote;
  connection.open = true;
  // To the very port that the client came from: nobody else can be there while it is connected.
  if (transport == Transport::tcp) add_key(connection, key_of(transport, remote, TlsPeer{}), false);
  return connection;
}

void Connections::add_alias(Connection& connection, std::uint16_t advertised_port) {
  if (connection.transport != Transport::tls) return;
  const Address advertised{connection.remote.ip, advertised_port};
  for (std::size_t i = 0; i < std::min(connection.peer_names.size(), alias_names_max); ++i)
    add_key(connection,
            key_of(Transport::tls, advertised, tls_name(connection.peer_names[i]), connection.tls.profile),
            false);
  connection.peer_names.clear();  // said once
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
  retire(*connection);
  return connection;
}

void Connections::retire(Connection& connection) {
  for (const auto& key : connection.peer_keys) {
    const auto peer = by_peer_.find(key);
    if (peer != by_peer_.end() && peer->second == connection.id) by_peer_.erase(peer);
  }
  connection.peer_keys.clear();
}

Connection* Connections::find(ConnectionId id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second.get();
}

Connection* Connections::find(Transport transport, const Address& remote, const TlsPeer& peer) const {
  const auto found = by_peer_.find(key_of(transport, remote, peer));
  return found == by_peer_.end() ? nullptr : find(found->second);
}

std::vector<ConnectionId> Connections::all() const {
  std::vector<ConnectionId> ids;
  ids.reserve(by_id_.size());
  for (const auto& [id, connection] : by_id_) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

const Connection* Connections::front(const std::list<ConnectionId>& order) const {
  return order.empty() ? nullptr : find(order.front());
}

const Connection* Connections::longest_idle() const { return front(idle_); }
const Connection* Connections::longest_opening() const { return front(opening_); }

}  // namespace sidetone::sip::flows
