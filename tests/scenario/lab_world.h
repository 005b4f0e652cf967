// The lab's server with plain SIP stacks around it, in virtual time on the simulator's network.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "call_checks.h"
#include "scenario.h"
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

  [[nodiscard]] const std::vector<sip::Event>& events() const { return events_; }
  // The newest event of a kind; a script that asks for one that is not there ends here, see scenario.h.
  template <typename T>
  [[nodiscard]] const T& last() const {
    if (const auto* found = find_last<T>()) return *found;
    throw std::out_of_range(name() + " has no such event");
  }
  template <typename T>
  [[nodiscard]] const T* find_last() const {
    for (auto at = events_.rbegin(); at != events_.rend(); ++at)
      if (const auto* found = std::get_if<T>(&*at)) return found;
    return nullptr;
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

class LabWorld final : public test::FaultyWorld {
 public:
  explicit LabWorld(ServerSettings settings = {}) : network_(queue_, random_, trace_) {
    settings.admit_unknown_dns = settings.users.empty();
    network_.attach(ip(1), {});
    server_ = std::make_unique<sim::ServerNode>("server", std::move(settings), ip(1), network_, 11,
                                                sim::Mutation::none, trace_, verdict_, now);
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

  // --- with faults
  void befall(test::Mishap mishap) override {
    datagrams_ = 0;
    network_.fate = [this, mishap] {
      const auto number = datagrams_++;
      test::Treatment treatment{1, Duration::zero()};
      if (mishap.hits(number)) mishap.change(treatment);
      const bool fails = mishap.kind == test::Mishap::Kind::send_fails && mishap.hits(number);
      return sim::Network::Fate{static_cast<int>(treatment.copies), treatment.delay, fails};
    };
  }
  [[nodiscard]] std::size_t messages() const override { return datagrams_; }
  std::string judge() override;
  // For scripts that cut a phone off for good: nobody can tell it that its call is over.
  void allow_one_sided_calls() { one_sided_calls_ = true; }
  [[nodiscard]] std::string ladder() const override {
    std::string text;
    for (const auto& station : stations_) {
      text += station->name() + " sent\n";
      for (const auto& bytes : station->sent) text += "  " + bytes.substr(0, bytes.find("\r\n")) + "\n";
    }
    return text;
  }

  Time now{seconds(1)};

 private:
  [[nodiscard]] std::vector<test::Watched> watched();

  std::size_t datagrams_ = 0;
  bool one_sided_calls_ = false;
  SeededRandom random_{5};
  sim::Trace trace_{false};
  sim::Verdict verdict_;
  sim::EventQueue queue_;
  sim::Network network_;
  std::unique_ptr<sim::ServerNode> server_;
  std::vector<std::unique_ptr<Station>> stations_;
};

inline std::vector<test::Watched> LabWorld::watched() {
  std::vector<test::Watched> stacks{{"server", server_->ip().to_string(), &server().stack(), nullptr}};
  for (auto& station : stations_)
    stacks.push_back({station->name(), station->ip().to_string(), &station->stack(), &station->events()});
  return stacks;
}

// The script is gone: its reactions, too. The server goes on by itself, so calls may end without a user.
inline std::string LabWorld::judge() {
  network_.fate = nullptr;
  for (auto& station : stations_) station->on_event = nullptr;
  run(seconds(200));
  const auto stacks = watched();
  auto found = test::check_events(stacks) + test::check_stories(stacks);
  if (!one_sided_calls_) found += test::check_both_sides(stacks);
  for (auto& station : stations_) {
    for (std::uint64_t i = 1; i <= test::sessions_max; ++i)
      static_cast<void>(station->stack().end(sip::SessionId{i}, {}, now));
    station->drain(now);
  }
  run(seconds(400));
  found += test::check_events(stacks) + test::check_ended(stacks);
  for (const auto& watched : stacks) {
    const auto left = watched.stack->counters();
    if (left.sessions + left.dialogs + left.clients + left.servers + left.requests != 0)
      found += fmt::format("{}: {} sessions, {} dialogs, {} transactions, {} requests left\n", watched.name,
                           left.sessions, left.dialogs, left.clients + left.servers, left.requests);
  }
  if (server().active_calls() != 0) found += "the server believes in a call\n";
  if (server().calls().calls != server().calls().over) found += "the server lost a call\n";
  return found;
}

class LabScenario : public test::Scenario {
 public:
  explicit LabScenario(ServerSettings settings = {}) : world(std::move(settings)) {}
  test::FaultyWorld& faulty_world() override { return world; }

 protected:
  LabWorld world;
};

}  // namespace sidetone::lab
