// TCP and TLS connections: found by id and, for reuse, by peer; the idle ones in order of their last use.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "sip/message/parser.h"
#include "sip/transport/outgoing.h"
#include "sip/transport/tls_peer.h"

namespace sidetone::sip::flows {

struct Connection {
  ConnectionId id;
  Transport transport = Transport::tcp;
  Address local;
  Address remote;
  TlsPeer tls;
  std::vector<std::string> peer_names;  // accepted TLS: what the client's verified certificate says it is
  std::vector<std::string> peer_keys;   // under which it is found for reuse
  bool open = false;
  bool kept_alive = false;  // somebody wants to hear when it is lost
  Time used;                // or, while it opens, since when
  std::list<ConnectionId>::iterator place;
  StreamFramer framer;
  std::size_t pings_answered = 0, breaks_read = 0;
  bool unreadable = false;        // the stream lost its framing: nothing more is read, no request sent by it
  std::size_t unanswered = 0;     // requests that came by it and have no final response yet
  std::vector<Outgoing> waiting;  // until it is open
  // Requests that left by it while the peer said nothing: they fail when it breaks. Bounded like Awaited.
  std::vector<std::uint64_t> awaited;
  [[nodiscard]] Flow flow() const { return {transport, {}, id, local, remote}; }
};

class Connections {
 public:
  Connection& start(Transport transport, const Address& remote, const TlsPeer& peer, Time now);
  Connection& accept(Transport transport, const Address& local, const Address& remote, Time now);
  // RFC 5923 §8.2: an accepted TLS connection serves requests of ours to the address that the client
  // advertises, for the names that its certificate proved. Nothing happens without such names (§9.2).
  void add_alias(Connection& connection, std::uint16_t advertised_port);
  void opened(Connection& connection, const Address& local, Time now);
  void touch(Connection& connection, Time now);
  // It is not found for reuse any more.
  void retire(Connection& connection);
  // Takes it out of all tables; what waited for it is in the returned one.
  std::unique_ptr<Connection> remove(ConnectionId id);

  [[nodiscard]] Connection* find(ConnectionId id) const;
  // A connection is reused for the same transport and address. TLS was verified for one name with one
  // profile, so it serves these only, and a connection that a TLS client opened serves none without an alias.
  [[nodiscard]] Connection* find(Transport transport, const Address& remote, const TlsPeer& peer) const;
  [[nodiscard]] std::size_t size() const { return by_id_.size(); }
  [[nodiscard]] std::vector<ConnectionId> all() const;  // in the order in which they came
  // The one that is unused, or opening, for the longest time.
  [[nodiscard]] const Connection* longest_idle() const;
  [[nodiscard]] const Connection* longest_opening() const;

 private:
  Connection& add(std::list<ConnectionId>& order, Time now);
  void add_key(Connection& connection, std::string key, bool replace);
  [[nodiscard]] const Connection* front(const std::list<ConnectionId>& order) const;

  std::unordered_map<ConnectionId, std::unique_ptr<Connection>> by_id_;
  std::unordered_map<std::string, ConnectionId> by_peer_;
  std::list<ConnectionId> idle_;     // open ones, longest unused first
  std::list<ConnectionId> opening_;  // oldest first
  IdSource<ConnectionId> ids_;
};

}  // namespace sidetone::sip::flows
