// Keep-alive of flows (RFC 5626 §4.4): when to ping, and which flow is dead. Decides by time only; the
// transport sends and closes.
//
// A pong is expected only from a peer that has promised one (outbound in Require, Via parameter `keep`, RFC
// 6223) or has given one on this flow before: RFC 5626 §4.4 lets a client ping always, but a server that
// does not know of it stays silent, and its flow must not be closed for that. A dead peer of such a flow is
// found by TCP, whose data (the ping) is not acknowledged.
#pragma once

#include <compare>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "sip/transport/flow.h"

namespace sidetone::sip::flows {

inline constexpr Duration keep_alive_stream_max = std::chrono::seconds(120);  // §4.4.1
inline constexpr Duration keep_alive_udp_max = std::chrono::seconds(29);  // §4.4.2: NATs forget after 30 s
inline constexpr Duration pong_max = std::chrono::seconds(10);            // §4.4.1

class KeepAlive {
 public:
  struct Key {  // TCP and TLS: the connection; UDP: socket and peer
    ConnectionId connection;
    SocketId socket;
    Address remote;
    auto operator<=>(const Key&) const = default;
  };
  struct Due {
    std::vector<Key> pings, dead;  // the dead ones are forgotten already
  };

  // Pings come at 80 to 100 % of `interval_max` (§4.4, §4.4.1), each at its own random place in there. For a
  // flow that is kept already only the terms change.
  void keep(const Key& key, Duration interval_max, bool expects_pong, Time now, Random& random);
  void forget(const Key& key);
  [[nodiscard]] bool keeps(const Key& key) const { return entries_.contains(key); }
  // Line ends came in. `alone`: nothing else did, so that they can be nothing but the answer to a ping; a
  // peer that answered once is expected to answer always.
  void heard_pong(const Key& key, bool alone);

  [[nodiscard]] Due on_time(Time now, Random& random);
  [[nodiscard]] std::optional<Deadline> deadline() const;
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Duration interval_max{0};
    bool expects_pong = false;
    bool pinged = false;  // and no answer yet
    bool waits_for_pong = false;
    Time may;   // from here on it may go along with another's ping ...
    Time must;  // ... and here it goes
    Time due;   // `must`; while a pong is awaited the end of that
  };
  using Entries = std::map<Key, Entry>;

  void schedule(const Key& key, Entry& entry, Time now, Random& random);
  void move(const Key& key, Entry& entry, Time due);
  void ping(const Key& key, Entry& entry, Time now, Random& random, Due& out);
  void take_companions(Time now, Random& random, Due& out);

  Entries entries_;
  std::set<std::pair<Time, Key>> order_;  // by Entry::due
};

}  // namespace sidetone::sip::flows
