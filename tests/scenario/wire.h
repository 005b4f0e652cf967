// Real stacks on an in-memory network in virtual time: each datagram has its number, a rule may lose, repeat
// or delay it, and all that crossed is kept for a ladder. The clock jumps to the next thing that happens.
//
// Beside the rule, which belongs to the test, a Mishap may befall one crossing: see scenario.h.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "mishap.h"
#include "sip/message/parser.h"
#include "sip/stack.h"

namespace sidetone::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline const std::string sdp_a = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n";
inline const std::string sdp_b = "v=0\r\no=- 2 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\n";
inline const std::string sdp_c = "v=0\r\no=- 3 7 IN IP4 192.0.2.3\r\ns=-\r\nc=IN IP4 192.0.2.3\r\nt=0 0\r\n";

class Wire;

// A script asks for what must be there. Under a fault it may not: then the script ends here, see scenario.h.
class Missing : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A vector that throws instead of reading where nothing is.
template <typename T>
class Kept : public std::vector<T> {
 public:
  using std::vector<T>::vector;
  const T& operator[](std::size_t index) const { return this->at(index); }
  const T& front() const { return this->at(0); }
  const T& back() const { return this->at(this->size() - 1); }
};

// Whoever owns a stack beside a Node, and has timers of its own: the lab's server.
struct StackOwner {
  sip::Stack& stack;
  std::function<std::optional<Deadline>()> deadline;
  std::function<void(Time)> on_time;
};

// One stack with its user. The user is a script: on_event, when set, sees each event after it was recorded.
class Node {
 public:
  Node(Wire& wire, std::string name, std::string_view address, sip::StackSettings settings,
       std::uint64_t seed);
  Node(Wire& wire, std::string name, std::string_view address, StackOwner owner);

  [[nodiscard]] std::string uri(std::string_view user) const {
    return fmt::format("sip:{}@{}", user, address.to_string());
  }
  [[nodiscard]] sip::NextHop hop() const {
    return {sip::Transport::udp, address.ip.to_string(), address.port, {}, {}};
  }
  template <typename T>
  [[nodiscard]] Kept<const T*> all() const {
    Kept<const T*> found;
    for (const auto& event : events)
      if (const auto* one = std::get_if<T>(&event)) found.push_back(one);
    return found;
  }
  template <typename T>
  [[nodiscard]] std::size_t count() const {
    return all<T>().size();
  }
  template <typename T>
  [[nodiscard]] const T* find_last() const {
    const auto found = all<T>();
    return found.empty() ? nullptr : found.back();
  }
  template <typename T>
  [[nodiscard]] const T* last() const {
    if (const auto* found = find_last<T>()) return found;
    throw Missing(name + " has had no such event");
  }
  // Of a session that must have one.
  [[nodiscard]] sip::Stack::DialogFacts dialog(sip::SessionId session) const {
    auto facts = stack.dialog(session);
    if (!facts) throw Missing(name + " has no such dialog");
    return std::move(*facts);
  }
  [[nodiscard]] bool is_owned() const { return owner_.has_value(); }
  [[nodiscard]] std::optional<Deadline> deadline() const {
    auto next = stack.deadline();
    const auto own = owner_ ? owner_->deadline() : std::nullopt;
    return own && (!next || own->when < next->when) ? own : next;
  }
  void on_time(Time now) {
    stack.on_time(now);
    if (owner_) owner_->on_time(now);
  }
  // A call without account to `peer`.
  sip::SessionId call(const Node& peer, std::string sdp, std::vector<sip::ExtraHeader> headers = {});
  [[nodiscard]] Time now() const;

  Wire& wire;
  std::string name;
  Address address;
  SeededRandom random;
  NullSink log;

 private:
  std::optional<StackOwner> owner_;
  std::unique_ptr<sip::Stack> own_stack_;

 public:
  sip::Stack& stack;
  sip::SocketId udp, tcp;
  std::map<sip::SocketId, Address> more_sockets;  // Wire::add_socket()
  std::vector<sip::Event> events;                 // a test may clear them
  std::vector<sip::Event> history;                // all, for the checkers
  std::function<void(const sip::Event&)> on_event;
};

struct Crossing {  // one datagram, as it was sent
  std::size_t number = 0;
  Time at;
  Address from, to;
  std::string bytes;
  std::size_t copies = 1;  // 0: lost

  [[nodiscard]] std::string_view first_line() const {
    return std::string_view(bytes).substr(0, bytes.find("\r\n"));
  }
  [[nodiscard]] bool is(std::string_view start) const {
    return first_line().substr(0, start.size()) == start;
  }
  // "SIP/2.0 200 OK" alone does not tell to what.
  [[nodiscard]] bool answers(int status, std::string_view method) const {
    const auto parsed = sip::parse_message(bytes);
    return parsed && parsed->status() == status && parsed->method_name() == method;
  }
  [[nodiscard]] sip::Message message() const {
    auto parsed = sip::parse_message(bytes);
    EXPECT_TRUE(parsed) << bytes;
    return parsed ? std::move(*parsed) : sip::Message();
  }
};

// Somebody at an address who is no Stack: what he is sent, he may answer with raw messages.
using Peer = std::function<void(const sip::Message& message, Address from)>;

class Wire {
 public:
  Wire() { sip_settings.server_role = true; }

  Node& add(std::string name, std::string_view address) {
    return add(std::move(name), address, sip_settings);
  }
  Node& add(std::string name, std::string_view address, sip::StackSettings settings) {
    nodes_.push_back(
        std::make_unique<Node>(*this, std::move(name), address, std::move(settings), 1000 + nodes_.size()));
    return *nodes_.back();
  }
  // A stack that belongs to somebody else.
  Node& add(std::string name, std::string_view address, StackOwner owner) {
    nodes_.push_back(std::make_unique<Node>(*this, std::move(name), address, std::move(owner)));
    return *nodes_.back();
  }
  // One more UDP socket of a node, at another address: a machine with two interfaces, or that has moved.
  sip::SocketId add_socket(Node& node, std::string_view address) {
    const auto local = *Address::parse(address, 5060);
    const auto socket = node.stack.transport().add_udp_socket(local);
    node.more_sockets[socket] = local;
    return socket;
  }
  // The address is gone; what is sent to it is lost.
  void remove_socket(Node& node, sip::SocketId socket) {
    node.stack.transport().remove_socket(socket);
    node.more_sockets.erase(socket);
    if (node.udp == socket) node.udp = {};
  }
  void add_peer(std::string_view address, Peer peer) {
    peers_[*Address::parse(address, 5060)] = std::move(peer);
  }
  // One that does not belong to the script and lives on after it, such as a proxy.
  void add_standing_peer(Address address, std::string name, Peer peer) {
    standing_peers_[address] = std::move(peer);
    peer_names_[address] = std::move(name);
  }
  void name_peer(std::string_view address, std::string name) {
    peer_names_[*Address::parse(address, 5060)] = std::move(name);
  }
  [[nodiscard]] std::string name_of(const Address& address) const {
    for (const auto& node : nodes_)
      if (node->address == address) return node->name;
    const auto peer = peer_names_.find(address);
    return peer == peer_names_.end() ? address.to_string() : peer->second;
  }

  // A connection from somebody who is no Stack, for raw bytes.
  struct RawStream {
    Node* node = nullptr;
    sip::ConnectionId id;
    std::string received;
    bool closed = false;
  };
  std::shared_ptr<RawStream> connect_raw(Node& node, Address from) {
    auto stream = std::make_shared<RawStream>();
    stream->node = &node;
    stream->id = node.stack.transport().accepted(node.tcp, node.address, from, now_);
    raw_streams_.push_back(stream);
    return stream;
  }
  void send_raw(RawStream& stream, std::string_view bytes) {
    stream.node->stack.transport().stream_data(stream.id, bytes, now_);
    stream.node->stack.run(now_);
    settle(*stream.node);
  }

  [[nodiscard]] Time now() const { return now_; }

  // Everything that a node's outputs and events ask for, until it is dry.
  void settle(Node& node) {
    for (bool more = true; more;) {
      more = false;
      while (auto event = node.stack.poll_event()) {
        more = true;
        const auto& kept = *event;
        node.events.push_back(kept);
        node.history.push_back(kept);
        if (node.on_event) node.on_event(kept);
      }
      while (auto io = node.stack.poll_io()) {
        more = true;
        std::visit([&](auto& out) { carry_out(node, out); }, *io);
      }
    }
  }

  // Sends raw bytes as if from `from`.
  void inject(Address from, Address to, std::string bytes) {
    Crossing crossing{crossings.size(), now_, from, to, std::move(bytes), 1};
    auto treatment = rule ? rule(crossing) : Treatment{};
    if (mishap.hits(crossing.number)) mishap.change(treatment);
    crossing.copies = treatment.copies;
    for (std::size_t i = 0; i < treatment.copies; ++i)
      by_network(treatment.delay, [this, from, to, text = crossing.bytes] { deliver(from, to, text); });
    crossings.push_back(std::move(crossing));
  }
  void inject(Address from, Address to, const sip::Message& message) { inject(from, to, message.to_bytes()); }

  // What the test wants done; what the network does is kept apart.
  void at(Time when, std::function<void()> action) {
    actions_.emplace(when, Action{std::move(action), true});
  }
  void after(Duration wait, std::function<void()> action) { at(now_ + wait, std::move(action)); }
  // The test has left: nothing of its own may be called any more. The network goes on, and does no harm.
  void forget_script() {
    rule = nullptr;
    mishap = {};
    peers_.clear();
    for (auto& node : nodes_)
      if (!node->is_owned()) node->on_event = nullptr;
    std::erase_if(actions_, [](const auto& action) { return action.second.of_script; });
  }

  // The clock leaps, as after a machine's sleep: whatever became due meanwhile is late.
  void jump(Duration span) { now_ += span; }
  void run_for(Duration span) {
    run_until([] { return false; }, span);
  }
  // True as soon as `done` holds; false when `limit` has passed or nothing is left to happen.
  bool run_until(const std::function<bool()>& done, Duration limit = seconds(120)) {
    const auto end = now_ + limit;
    for (auto& node : nodes_) settle(*node);
    while (!done()) {
      const auto next = next_time();
      if (!next || *next > end) {
        now_ = end;
        return done();
      }
      if (++steps_ > steps_max) {
        is_restless = true;
        ADD_FAILURE() << "the world does not come to rest\n" << ladder();
        return false;
      }
      now_ = std::max(now_, *next);
      step();
    }
    return true;
  }
  // Until nothing is left: all transactions and timers have ended.
  void run_dry(Duration limit = seconds(600)) {
    run_until([] { return false; }, limit);
  }

  void expect_nothing_left() {
    for (const auto& node : nodes_) {
      const auto counters = node->stack.counters();
      EXPECT_EQ(counters.sessions, 0U) << node->name;
      EXPECT_EQ(counters.dialogs, 0U) << node->name;
      EXPECT_EQ(counters.clients, 0U) << node->name;
      EXPECT_EQ(counters.servers, 0U) << node->name;
      EXPECT_EQ(counters.timers, 0U) << node->name;
      EXPECT_EQ(counters.requests, 0U) << node->name;
    }
  }

  [[nodiscard]] std::size_t count(const std::function<bool(const Crossing&)>& matches) const {
    std::size_t found = 0;
    for (const auto& crossing : crossings) found += matches(crossing) ? 1 : 0;
    return found;
  }
  [[nodiscard]] std::size_t count(std::string_view start) const {
    return count([&](const Crossing& crossing) { return crossing.is(start); });
  }
  [[nodiscard]] const Crossing* last(std::string_view start) const {
    for (auto crossing = crossings.rbegin(); crossing != crossings.rend(); ++crossing)
      if (crossing->is(start)) return &*crossing;
    throw Missing(fmt::format("nothing crossed that begins with {}", start));
  }
  [[nodiscard]] std::string ladder() const {
    std::string text;
    for (const auto& crossing : crossings)
      text += fmt::format("{:>9.3f} #{} {} -> {} {}{}\n",
                          static_cast<double>(crossing.at.time_since_epoch().count()) / 1e6, crossing.number,
                          crossing.from.to_string(), crossing.to.to_string(), crossing.first_line(),
                          crossing.copies == 0  ? "  (lost)"
                          : crossing.copies > 1 ? "  (twice)"
                                                : "");
    return text;
  }

  sip::StackSettings sip_settings;
  std::function<Treatment(const Crossing&)> rule;
  std::vector<Crossing> crossings;
  // The resolver of all nodes; none knows no name. Outcome::no_answer without a text is silence.
  std::function<sip::DnsAnswer(const sip::DnsQuery&)> dns;
  std::vector<std::string> queries;  // "SRV _sip._udp.example.com"
  Mishap mishap;
  bool is_restless = false;  // it went on and on without coming to rest
  [[nodiscard]] const std::vector<std::unique_ptr<Node>>& nodes() const { return nodes_; }

 private:
  static constexpr std::size_t steps_max = 200000;

  struct Action {
    std::function<void()> run;
    bool of_script = false;
  };
  void by_network(Duration wait, std::function<void()> action) {
    actions_.emplace(now_ + wait, Action{std::move(action), false});
  }

  void deliver(Address from, Address to, const std::string& bytes) {
    for (auto& node : nodes_) {
      const auto socket = socket_at(*node, to);
      if (!socket) continue;
      node->stack.transport().datagram(socket, from, bytes, now_);
      node->stack.run(now_);
      return;
    }
    const auto answer = [&](const std::map<Address, Peer>& peers) {
      const auto peer = peers.find(to);
      if (peer == peers.end()) return;
      if (const auto message = sip::parse_message(bytes)) peer->second(*message, from);
    };
    answer(peers_);
    answer(standing_peers_);
  }

  static sip::SocketId socket_at(const Node& node, const Address& to) {
    if (node.address == to) return node.udp;
    for (const auto& [socket, local] : node.more_sockets)
      if (local == to) return socket;
    return {};
  }

  [[nodiscard]] std::optional<Time> next_time() const {
    std::optional<Time> next;
    if (!actions_.empty()) next = actions_.begin()->first;
    for (const auto& node : nodes_)
      if (const auto deadline = node->deadline(); deadline && (!next || deadline->when < *next))
        next = deadline->when;
    return next;
  }

  void step() {
    if (!actions_.empty() && actions_.begin()->first <= now_) {
      auto action = actions_.extract(actions_.begin());
      action.mapped().run();
    } else {
      for (auto& node : nodes_)
        if (const auto deadline = node->deadline(); deadline && deadline->when <= now_) node->on_time(now_);
    }
    for (auto& node : nodes_) settle(*node);
  }

  void carry_out(Node& node, sip::SendDatagram& out) {
    const bool fails = mishap.kind == Mishap::Kind::send_fails && mishap.hits(crossings.size());
    const auto other = node.more_sockets.find(out.socket);
    inject(other == node.more_sockets.end() ? node.address : other->second, out.to, *out.bytes);
    if (!fails) return;
    by_network(Duration::zero(), [this, &node, to = out.to] {
      node.stack.transport().datagram_failed(node.udp, to, "the network is unreachable", now_);
      node.stack.run(now_);
    });
  }

  // --- streams: in order, never lost; a fault breaks them
  struct Pipe {
    Node* ends[2] = {nullptr, nullptr};
    sip::ConnectionId ids[2];
  };
  void carry_out(Node& node, sip::OpenConnection& out) {
    for (auto& other : nodes_) {
      if (other->address != out.to || other.get() == &node) continue;
      const Address local{node.address.ip, static_cast<std::uint16_t>(40000 + pipes_.size())};
      const auto accepted = other->stack.transport().accepted(other->tcp, other->address, local, now_);
      auto pipe = std::make_shared<Pipe>();
      pipe->ends[0] = &node;
      pipe->ends[1] = other.get();
      pipe->ids[0] = out.connection;
      pipe->ids[1] = accepted;
      pipes_.push_back(pipe);
      by_network(milliseconds(1), [this, &node, local, to = out.to, id = out.connection] {
        node.stack.transport().opened(id, local, to, now_);
        node.stack.run(now_);
      });
      return;
    }
    by_network(milliseconds(1), [this, &node, id = out.connection] {
      node.stack.transport().closed(id, "connection refused", now_);
      node.stack.run(now_);
    });
  }
  void carry_out(Node& node, sip::SendStream& out) {
    if (auto* raw = find_raw(node, out.connection)) raw->received += *out.bytes;
    for (auto& pipe : pipes_)
      for (int end = 0; end < 2; ++end) {
        if (pipe->ends[end] != &node || pipe->ids[end] != out.connection) continue;
        auto* other = pipe->ends[1 - end];
        const bool breaks = mishap.hits(crossings.size()) && mishap.breaks_streams();
        crossings.push_back(
            {crossings.size(), now_, node.address, other->address, *out.bytes, breaks ? 0U : 1U});
        if (breaks) return break_off(*pipe);
        by_network(milliseconds(1), [this, other, id = pipe->ids[1 - end], bytes = out.bytes] {
          other->stack.transport().stream_data(id, *bytes, now_);
          other->stack.run(now_);
        });
        return;
      }
  }
  void break_off(Pipe& pipe) {
    for (int end = 0; end < 2; ++end)
      by_network(milliseconds(1), [this, node = pipe.ends[end], id = pipe.ids[end]] {
        node->stack.transport().closed(id, "connection reset", now_);
        node->stack.run(now_);
      });
    pipe.ends[0] = pipe.ends[1] = nullptr;
  }
  RawStream* find_raw(const Node& node, sip::ConnectionId id) {
    for (const auto& raw : raw_streams_)
      if (raw->node == &node && raw->id == id) return raw.get();
    return nullptr;
  }
  void carry_out(Node& node, sip::CloseConnection& out) {
    if (auto* raw = find_raw(node, out.connection)) raw->closed = true;
    for (auto& pipe : pipes_)
      for (int end = 0; end < 2; ++end) {
        if (pipe->ends[end] != &node || pipe->ids[end] != out.connection) continue;
        auto* other = pipe->ends[1 - end];
        by_network(milliseconds(1), [this, other, id = pipe->ids[1 - end]] {
          other->stack.transport().closed(id, "closed by peer", now_);
          other->stack.run(now_);
        });
        pipe->ends[0] = pipe->ends[1] = nullptr;
        return;
      }
  }
  void carry_out(Node& node, sip::DnsQuery& out) {
    queries.push_back(fmt::format("{} {}", sip::to_string(out.type), out.name));
    sip::DnsAnswer answer;
    if (dns)
      answer = dns(out);
    else
      answer.outcome = sip::DnsAnswer::Outcome::no_name;
    if (answer.outcome == sip::DnsAnswer::Outcome::no_answer && answer.text.empty()) return;  // silence
    after(milliseconds(1), [this, &node, id = out.id, answer = std::move(answer)] {
      node.stack.transport().dns_answer(id, answer, now_);
      node.stack.run(now_);
    });
  }

  Time now_{};
  std::size_t steps_ = 0;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::map<Address, Peer> peers_, standing_peers_;
  std::map<Address, std::string> peer_names_;
  std::multimap<Time, Action> actions_;
  std::vector<std::shared_ptr<Pipe>> pipes_;
  std::vector<std::shared_ptr<RawStream>> raw_streams_;
};

inline Node::Node(Wire& the_wire, std::string the_name, std::string_view where, sip::StackSettings settings,
                  std::uint64_t seed)
    : wire(the_wire),
      name(std::move(the_name)),
      address(*Address::parse(where, 5060)),
      random(seed),
      own_stack_(std::make_unique<sip::Stack>(std::move(settings), random, log)),
      stack(*own_stack_) {
  udp = stack.transport().add_udp_socket(address);
  tcp = stack.transport().add_listener(sip::Transport::tcp, address);
}

inline Node::Node(Wire& the_wire, std::string the_name, std::string_view where, StackOwner owner)
    : wire(the_wire),
      name(std::move(the_name)),
      address(*Address::parse(where, 5060)),
      random(0),
      owner_(std::move(owner)),
      stack(owner_->stack) {
  udp = stack.transport().add_udp_socket(address);
  tcp = stack.transport().add_listener(sip::Transport::tcp, address);
}

inline Time Node::now() const { return wire.now(); }

inline sip::SessionId Node::call(const Node& peer, std::string sdp, std::vector<sip::ExtraHeader> headers) {
  sip::Invite invite;
  invite.target = peer.uri("callee");
  invite.from_uri = uri("caller");
  invite.sdp = std::move(sdp);
  invite.headers = std::move(headers);
  const auto session = stack.invite(std::move(invite), now());
  EXPECT_TRUE(session) << (session ? "" : session.error().text);
  wire.settle(*this);
  return session ? *session : sip::SessionId{};
}

}  // namespace sidetone::test
