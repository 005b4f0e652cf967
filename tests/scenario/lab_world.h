// The lab's server with plain SIP stacks around it, in virtual time on the simulator's network.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/server_node.h"
#include "sip/message/parser.h"

namespace sidetone::lab {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline std::string sdp(std::string_view who, int version = 1) {
  return fmt::format("v=0\r\no=- {} {} IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n", who,
                     version);
}

// A phone without policies: keeps its events, does what the test says.
class Station final : public sim::Node {
 public:
  Station(std::string dn, IpAddress ip, sim::Network& network, std::uint64_t seed)
      : Node(dn, ip, network), random_(seed), stack_({}, random_, log_) {
    socket_ = bind_udp(5060);
  }

  void register_at(Address server, Time now, std::string password = {}, seconds expires = seconds(3600)) {
    sip::Account account;
    account.uri = fmt::format("sip:{}@{}", name(), server.ip.to_string());
    account.display_name = "The \"" + name() + "\"";
    account.credentials = {name(), Secret<std::string>(std::move(password)), {}};
    account.server = sip::NextHop{sip::Transport::udp, server.ip.to_string(), server.port, socket_, {}};
    account.register_expires = expires;
    account_ = stack_.add_account(std::move(account), now);
    drain(now);
  }

  [[nodiscard]] sip::Stack& stack() override { return stack_; }
  void on_time(Time now) override {
    stack_.on_time(now);
    drain(now);
  }
  void drain(Time now) override {
    touch();
    while (true) {
      if (auto event = stack_.poll_event()) {
        events_.push_back(*event);
        if (on_event) on_event(*event, now);
      } else if (auto io = stack_.poll_io()) {
        carry_out(*io, now);
      } else {
        return;
      }
    }
  }
  [[nodiscard]] std::optional<Deadline> deadline() const override { return stack_.deadline(); }

  // The newest event of a kind; a test that asks for one that is not there has failed.
  template <typename T>
  [[nodiscard]] const T& last() const {
    for (auto at = events_.rbegin(); at != events_.rend(); ++at)
      if (const auto* found = std::get_if<T>(&*at)) return *found;
    ADD_FAILURE() << name() << " has no such event";
    static const T none{};
    return none;
  }
  template <typename T>
  [[nodiscard]] std::size_t count() const {
    std::size_t found = 0;
    for (const auto& event : events_) found += std::holds_alternative<T>(event) ? 1U : 0U;
    return found;
  }
  [[nodiscard]] sip::AccountId account() const { return account_; }

  std::function<void(const sip::Event&, Time)> on_event;
  // Messages that leave, before the network has them.
  std::vector<std::string> sent;

 protected:
  sip::Bytes outgoing(sip::Bytes bytes, Time) override {
    sent.push_back(*bytes);
    return bytes;
  }

 private:
  NullSink log_;
  SeededRandom random_;
  sip::Stack stack_;
  sip::SocketId socket_;
  sip::AccountId account_;
  std::vector<sip::Event> events_;
};

class LabWorld {
 public:
  explicit LabWorld(ServerSettings settings = {}) : network_(queue_, random_, trace_) {
    settings.admit_unknown_dns = settings.users.empty();
    network_.attach(ip(1), {});
    server_ = std::make_unique<sim::ServerNode>(std::move(settings), ip(1), network_, 11, sim::Mutation::none,
                                                trace_, verdict_, now);
  }

  static IpAddress ip(std::uint8_t host) { return IpAddress::parse(fmt::format("10.0.0.{}", host)).value(); }
  [[nodiscard]] Address address() const { return {server_->ip(), 5060}; }
  [[nodiscard]] Server& server() { return server_->server(); }
  [[nodiscard]] sim::Network& network() { return network_; }

  Station& add(const std::string& dn) {
    const auto own = ip(static_cast<std::uint8_t>(10 + stations_.size()));
    network_.attach(own, {});
    stations_.push_back(std::make_unique<Station>(dn, own, network_, 100 + stations_.size()));
    return *stations_.back();
  }
  Station& registered(const std::string& dn) {
    auto& station = add(dn);
    station.register_at(address(), now);
    run(seconds(1));
    EXPECT_EQ(station.last<sip::RegistrationChanged>().state, sip::RegistrationState::registered);
    return station;
  }

  sip::SessionId call(Station& from, const std::string& dn, std::string offer,
                      std::vector<sip::ExtraHeader> headers = {}) {
    sip::Invite invite;
    invite.account = from.account();
    invite.target = fmt::format("sip:{}@{}", dn, server_->ip().to_string());
    invite.sdp = std::move(offer);
    invite.headers = std::move(headers);
    const auto session = from.stack().invite(std::move(invite), now);
    EXPECT_TRUE(session);
    return session ? *session : sip::SessionId{};
  }

  void run(Duration span) {
    const Time end = now + span;
    for (auto& station : stations_) station->drain(now);
    server_->drain(now);
    while (true) {
      sim::Node* first = nullptr;
      std::optional<Deadline> due;
      const auto consider = [&](sim::Node& node) {
        const auto deadline = node.deadline();
        if (!deadline || (due && due->when <= deadline->when)) return;
        due = deadline;
        first = &node;
      };
      consider(*server_);
      for (auto& station : stations_) consider(*station);
      const auto next = queue_.next();
      const bool timer = due && (!next || due->when <= *next);
      if (!timer && !next) break;
      const Time when = timer ? due->when : *next;
      if (when > end) break;
      now = std::max(now, when);
      if (timer)
        first->on_time(now);
      else
        queue_.run_next();
    }
    now = end;
  }

  void expect_nothing_left() {
    run(seconds(200));
    const auto check = [](const std::string& who, const sip::Stack& stack) {
      const auto left = stack.counters();
      EXPECT_EQ(left.sessions, 0U) << who;
      EXPECT_EQ(left.dialogs, 0U) << who;
      EXPECT_EQ(left.clients + left.servers, 0U) << who;
    };
    check("server", server().stack());
    for (auto& station : stations_) check(station->name(), station->stack());
    EXPECT_EQ(server().active_calls(), 0U);
    EXPECT_EQ(server().calls().calls, server().calls().over);
    EXPECT_TRUE(verdict_.good());
  }

  Time now{seconds(1)};

 private:
  SeededRandom random_{5};
  sim::Trace trace_{false};
  sim::Verdict verdict_;
  sim::EventQueue queue_;
  sim::Network network_;
  std::unique_ptr<sim::ServerNode> server_;
  std::vector<std::unique_ptr<Station>> stations_;
};

}  // namespace sidetone::lab
