// The network between the nodes: datagrams that get lost, late, doubled and overtaken, streams that stall
// and break, and nodes that are cut off for a while. One access link per node; a packet crosses two.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/random.h"
#include "base/time.h"
#include "sim/event_queue.h"
#include "sim/trace.h"
#include "sip/transport/flow.h"

namespace sidetone::sim {

class Node;

struct LinkQuality {
  double loss = 0, duplicate = 0, reorder = 0;  // probabilities
  Duration delay{std::chrono::milliseconds(5)}, jitter{std::chrono::milliseconds(3)};
};

class Network {
 public:
  Network(EventQueue& queue, Random& random, Trace& trace) : queue_(queue), random_(random), trace_(trace) {}

  void attach(IpAddress ip, LinkQuality quality);
  void bind_udp(Address local, Node& node, sip::SocketId socket);
  void listen(Address local, Node& node, sip::SocketId listener);
  // All ports of a node vanish, because its program died. With `told` its peers' connections break at once,
  // as a kernel does that lives on; else they hang half open until somebody speaks to the machine that
  // returned.
  void unbind(IpAddress ip, bool told, Time now);

  // --- faults
  void set_cut(IpAddress ip, bool cut, Time now);
  void set_extra_loss(IpAddress ip, double loss, Time now);
  void set_extra_delay(IpAddress ip, Duration delay, Time now);
  void reset_streams(IpAddress ip, Time now);  // every connection of the node breaks
  // Something else is wrong with the node (it sleeps, its program is dead).
  void set_ill(IpAddress ip, bool ill, Time now);
  // One direction between two nodes.
  void set_blocked(IpAddress from, IpAddress to, bool blocked, Time now);
  // Since when nothing has been wrong beyond the link's ordinary quality; nothing: a fault is on now.
  [[nodiscard]] std::optional<Time> well_since(IpAddress ip) const;

  // ... with either of them, nor between them.
  [[nodiscard]] std::optional<Time> well_since(IpAddress a, IpAddress b) const;

  // Since when the node has been cut off; nothing: it is not.
  [[nodiscard]] std::optional<Time> cut_since(IpAddress ip) const;

  // A test may decide what befalls each datagram, beyond the links' quality.
  struct Fate {
    int copies = 1;
    Duration delay{0};
    bool send_fails = false;
  };
  std::function<Fate()> fate;

  // Sees every message that a node sends, whether it arrives or not.
  std::function<void(IpAddress from, IpAddress to, const sip::Bytes&, Time)> tap;
  // A datagram out of nowhere, delivered at once; false: nobody has that port, or hears.
  bool inject(Address from, Address to, std::string bytes, Time now);

  // --- what nodes do
  void datagram(Node& from, sip::SocketId socket, Address local, Address to, sip::Bytes bytes, Time now);
  void open(Node& from, sip::ConnectionId connection, Address local, Address to, Time now);
  void stream(Node& from, sip::ConnectionId connection, sip::Bytes bytes, Time now);
  void close(Node& from, sip::ConnectionId connection, Time now);
  // Any packet without a payload that matters (RTP): does it arrive, and when?
  [[nodiscard]] std::optional<Time> packet_arrival(IpAddress from, IpAddress to, Time now);

  struct Counters {
    std::uint64_t datagrams = 0, lost = 0, doubled = 0, overtaken = 0, streams = 0, breaks = 0;
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  struct Link {
    LinkQuality quality;
    std::optional<Time> cut_since;
    double extra_loss = 0;
    Duration extra_delay{0};
    int ills = 0;
    Time last_fault{};
    [[nodiscard]] bool faulty() const {
      return cut_since || ills > 0 || extra_loss > 0 || extra_delay > Duration::zero();
    }
  };
  struct Path {
    int blocks = 0;
    Time last_fault{};
  };
  struct Port {
    Node* node = nullptr;
    sip::SocketId socket;
  };
  struct End {
    Node* node = nullptr;
    sip::ConnectionId id;
    IpAddress ip;
    std::deque<sip::Bytes> outgoing;
    bool moving = false;     // the head of `outgoing` is on its way
    bool forgotten = false;  // its machine lost power; a reset is all that it has to say
  };
  struct Stream {
    End ends[2];
    bool open = false, broken = false;
  };
  using StreamPtr = std::shared_ptr<Stream>;

  Link& link(IpAddress ip) { return links_.at(ip); }
  [[nodiscard]] bool is_cut(IpAddress from, IpAddress to) const;
  [[nodiscard]] bool stalls(IpAddress a, IpAddress b) const { return is_cut(a, b) || is_cut(b, a); }
  [[nodiscard]] Duration transit(IpAddress a, IpAddress b);
  void deliver(Address from, Address to, const sip::Bytes& bytes, Time when);
  void try_open(const StreamPtr& stream, Address local, Address to, int attempt, Time now);
  void move_on(const StreamPtr& stream, int side, int stalled_s, Time now);
  void break_stream(const StreamPtr& stream, std::string_view why, Time now);
  [[nodiscard]] std::pair<StreamPtr, int> find(const Node& node, sip::ConnectionId id) const;

  EventQueue& queue_;
  Random& random_;
  Trace& trace_;
  std::map<IpAddress, Link> links_;
  std::map<std::pair<IpAddress, IpAddress>, Path> paths_;  // one per direction, of those that were blocked
  std::unordered_map<Address, Port> udp_, listeners_;
  std::map<std::pair<IpAddress, sip::ConnectionId>, std::pair<StreamPtr, int>> streams_;
  std::uint16_t ephemeral_port_ = 20000;
  Counters counters_;
};

}  // namespace sidetone::sim
