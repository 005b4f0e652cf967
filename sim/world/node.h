// A machine on the network with a SIP stack in it. Whoever touches a node drains it afterwards: one mutation,
// then poll until dry.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/time.h"
#include "sim/network.h"
#include "sip/stack.h"

namespace sidetone::sim {

class Node {
 public:
  Node(std::string name, IpAddress ip, Network& network)
      : name_(std::move(name)), ip_(ip), network_(network) {}
  virtual ~Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] IpAddress ip() const { return ip_; }
  [[nodiscard]] int life() const { return life_; }
  [[nodiscard]] virtual sip::Stack& stack() = 0;
  // The machine sleeps: nothing reaches its program, and its clock may stand still meanwhile.
  void fall_asleep(Time now);
  void wake_up(Time now, bool clock_stood_still);
  [[nodiscard]] bool is_asleep() const { return asleep_since_.has_value(); }

  virtual void on_time(Time now) = 0;
  virtual void drain(Time now) = 0;
  [[nodiscard]] virtual std::optional<Deadline> deadline() const = 0;

  // What the network brings.
  void datagram(sip::SocketId socket, Address from, const std::string& bytes, Time now);
  void stream_data(sip::ConnectionId connection, std::string_view bytes, Time now);
  void opened(sip::ConnectionId connection, Address local, Address remote, Time now);
  void closed(sip::ConnectionId connection, std::string_view why, Time now);
  void unreachable(sip::SocketId socket, Address to, Time now);
  void dns_answer(sip::DnsQueryId query, const sip::DnsAnswer& answer, Time now);
  sip::ConnectionId accepted(sip::SocketId listener, Address local, Address remote, Time now);

  // Set by whatever changed the node; the world asks for the deadline anew then.
  [[nodiscard]] bool take_touched() { return std::exchange(touched_, false); }

  // What the node's program believes; `now` is the world's.
  [[nodiscard]] Time clock(Time now) const { return now - lag_; }

 protected:
  // True: the node sleeps, and `what` will happen when it wakes.
  bool put_off(std::function<void(Time)> what);
  [[nodiscard]] Duration lag() const { return lag_; }
  sip::SocketId bind_udp(std::uint16_t port);
  sip::SocketId listen_tcp(std::uint16_t port);
  void carry_out(const sip::IoOutput& output, Time now);
  // A seam for planted bugs: what a node sends may be changed or swallowed (empty result) here.
  [[nodiscard]] virtual sip::Bytes outgoing(sip::Bytes bytes, Time) { return bytes; }
  // Most hosts in this world are addresses: nobody answers for names unless told who does.
  virtual void ask(const sip::DnsQuery& query, Time now);
  // A program that begins anew has other connections, maybe with the ids of old ones.
  void begin_another_life() {
    sockets_.clear();
    ++life_;
  }
  void touch() { touched_ = true; }
  [[nodiscard]] Network& network() { return network_; }

 private:
  void finish(Time now);

  std::string name_;
  IpAddress ip_;
  Network& network_;
  std::unordered_map<sip::SocketId, Address> sockets_;
  std::optional<Time> asleep_since_;
  Duration lag_{0};
  std::vector<std::function<void(Time)>> put_off_;
  int life_ = 0;
  bool touched_ = true;
};

}  // namespace sidetone::sim
