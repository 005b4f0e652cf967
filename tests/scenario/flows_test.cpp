// A line's flow over its life: keep-alive, loss and recovery, the address that the registrar saw, a sleeping
// machine. RFC 5626 §4.4 and §4.5, RFC 3581, RFC 6223.
#include <algorithm>

#include "sip/message/headers.h"
#include "wire.h"

namespace sidetone::test {
namespace {

using sip::HeaderId;
using sip::Method;

class Flows : public testing::Test {
 protected:
  Flows() {
    phone_settings.server_role = false;
    registrar.on_event = [this](const sip::Event& event) {
      const auto* request = std::get_if<sip::IncomingRequest>(&event);
      if (request == nullptr || request->request->method() != Method::register_) return;
      registers.push_back(request->request);
      arrivals.push_back(wire.now());
      auto contact = std::string(request->request->value(HeaderId::contact));
      sip::Response response;
      response.headers = {{"Contact", contact + ";expires=1800"}};
      response.headers.insert(response.headers.end(), more_headers.begin(), more_headers.end());
      static_cast<void>(registrar.stack.respond(request->id, response, wire.now()));
    };
  }

  void add_line(sip::Transport transport) {
    sip::Account account;
    account.uri = "sip:7001@10.0.0.9";
    account.server = sip::NextHop{transport, "10.0.0.9", 5060, {}, {}};
    account.register_expires = seconds(1800);
    account.register_retry = seconds(10);
    account.contact_as_seen = contact_as_seen;
    phone().stack.set_addresses({phone().address.ip, IpAddress::parse("10.9.0.1").value()});
    line = phone().stack.add_account(account, wire.now());
    run(seconds(1));
  }
  Node& phone() {
    if (phone_ == nullptr) phone_ = &wire.add("phone", "10.0.0.1:5060", phone_settings);
    return *phone_;
  }
  void run(Duration span) { wire.run_for(span); }
  [[nodiscard]] std::size_t pings() const {
    return static_cast<std::size_t>(std::count_if(wire.crossings.begin(), wire.crossings.end(),
                                                  [](const auto& c) { return c.bytes == "\r\n\r\n"; }));
  }
  [[nodiscard]] bool is_registered() {
    const auto* last = phone().last<sip::RegistrationChanged>();
    return last != nullptr && last->state == sip::RegistrationState::registered;
  }
  [[nodiscard]] std::string contact(std::size_t n) const {
    return std::string(registers.at(n)->value(HeaderId::contact));
  }

  Wire wire;
  Node& registrar = wire.add("registrar", "10.0.0.9:5060");
  sip::StackSettings phone_settings;
  Node* phone_ = nullptr;
  sip::AccountId line;
  bool contact_as_seen = false;
  std::vector<sip::ExtraHeader> more_headers;
  std::vector<sip::MessagePtr> registers;
  std::vector<Time> arrivals;
};

TEST_F(Flows, ATcpLineIsKeptAliveAndItsRegistrationDoesNotCareForTheIdleLimit) {
  add_line(sip::Transport::tcp);
  ASSERT_TRUE(is_registered());
  run(std::chrono::minutes(15));
  EXPECT_GE(pings(), 7U);  // 900 s at 96 to 120 s
  EXPECT_LE(pings(), 9U);
  EXPECT_EQ(registers.size(), 1U) << wire.ladder();
  EXPECT_EQ(phone().stack.counters().connections, 1U);
  EXPECT_NE(registers[0]->value(HeaderId::via).find(";keep"), std::string_view::npos);  // RFC 6223 §4.1
}

TEST_F(Flows, AUdpLineWithoutNatIsSilent) {
  add_line(sip::Transport::udp);
  ASSERT_TRUE(is_registered());
  run(std::chrono::minutes(15));
  EXPECT_EQ(pings(), 0U);
  EXPECT_EQ(registers.size(), 1U);
}

TEST_F(Flows, AUdpLineIsKeptAliveByWish) {
  phone_settings.transport.udp_keep_alive = sip::UdpKeepAlive::always;
  add_line(sip::Transport::udp);
  run(std::chrono::minutes(10));
  EXPECT_GE(pings(), 20U);
  EXPECT_LE(pings(), 26U);
  phone().stack.unregister(line, wire.now());
  run(seconds(5));
  const auto before = pings();
  run(std::chrono::minutes(10));
  EXPECT_EQ(pings(), before);
  EXPECT_EQ(phone().stack.counters().timers, 0U);
}

TEST_F(Flows, ALostFlowIsRegisteredAnewWithinTheSpread) {
  add_line(sip::Transport::tcp);
  ASSERT_EQ(registers.size(), 1U);
  registrar.stack.transport().drop_connections("the server restarts", wire.now());
  const Time lost = wire.now();
  wire.settle(registrar);
  run(seconds(6));
  ASSERT_EQ(registers.size(), 2U) << wire.ladder();
  EXPECT_LE(arrivals[1] - lost, seconds(4) + milliseconds(10));
  EXPECT_EQ(phone().stack.counters().connections, 1U);
  EXPECT_TRUE(is_registered());
}

TEST_F(Flows, FlowTimerOfTheRegistrarCounts) {
  more_headers = {{"Flow-Timer", "20"}};
  add_line(sip::Transport::tcp);
  run(seconds(200));
  EXPECT_GE(pings(), 9U);
  EXPECT_EQ(registers.size(), 1U);
}

// RFC 3581: a NAT was seen, so its binding is held open; Contact stays what it was unless told otherwise.
class BehindNat : public Flows {
 protected:
  BehindNat() {
    wire.add_peer("10.0.0.8:5060", [this](const sip::Message& request, Address from) {
      if (request.method() != Method::register_) return;
      registers.push_back(std::make_shared<const sip::Message>(request));
      arrivals.push_back(wire.now());
      auto response = sip::Message::response(request, 200, "OK", "tag8");
      auto via = std::string(request.value(HeaderId::via));
      const auto at = via.find(";rport");
      if (at != std::string::npos) via.erase(at, 6);
      response.remove_first(HeaderId::via);
      response.add_first(HeaderId::via, fmt::format("{};received={};rport={}", via, seen_ip, seen_port));
      response.add(HeaderId::contact, std::string(request.value(HeaderId::contact)) + ";expires=1800");
      if (port_changes) ++seen_port;
      wire.inject(*Address::parse("10.0.0.8:5060", 0), from, response);
    });
  }
  void add_nat_line() {
    sip::Account account;
    account.uri = "sip:7001@10.0.0.8";
    account.server = sip::NextHop{sip::Transport::udp, "10.0.0.8", 5060, {}, {}};
    account.register_expires = seconds(1800);
    account.contact_as_seen = contact_as_seen;
    phone().stack.set_addresses({phone().address.ip, IpAddress::parse("10.9.0.1").value()});
    line = phone().stack.add_account(account, wire.now());
    run(seconds(5));
  }
  std::string seen_ip = "203.0.113.5";
  int seen_port = 40001;
  bool port_changes = false;
};

TEST_F(BehindNat, TheBindingIsHeldOpenAndContactStays) {
  add_nat_line();
  ASSERT_EQ(registers.size(), 1U);
  const auto* seen = phone().last<sip::AddressSeen>();
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(seen->address.to_string(), "203.0.113.5:40001");
  EXPECT_EQ(seen->as, sip::SeenAs::translated);
  run(std::chrono::minutes(5));
  EXPECT_GE(pings(), 10U);
  EXPECT_EQ(registers.size(), 1U);
}

TEST_F(BehindNat, ContactFollowsWhenToldAndOnce) {
  contact_as_seen = true;
  add_nat_line();
  ASSERT_EQ(registers.size(), 2U) << wire.ladder();
  EXPECT_NE(contact(0).find("10.0.0.1:5060"), std::string::npos);
  EXPECT_NE(contact(1).find("203.0.113.5:40001"), std::string::npos);
  EXPECT_NE(registers[1]->value(HeaderId::via).find("10.0.0.1:5060"), std::string_view::npos);
  run(std::chrono::minutes(15));
  EXPECT_EQ(registers.size(), 2U) << wire.ladder();
}

// A NAT that gives each REGISTER another port: one correction per refresh, never a loop.
TEST_F(BehindNat, ARestlessNatIsNoLoop) {
  contact_as_seen = true;
  port_changes = true;
  add_nat_line();
  run(std::chrono::minutes(19));  // before the refresh at 20
  EXPECT_EQ(registers.size(), 2U) << wire.ladder();
  run(std::chrono::minutes(10));
  EXPECT_EQ(registers.size(), 4U) << wire.ladder();
}

TEST_F(BehindNat, NoPingsWhenNever) {
  phone_settings.transport.udp_keep_alive = sip::UdpKeepAlive::never;
  add_nat_line();
  run(std::chrono::minutes(5));
  EXPECT_EQ(pings(), 0U);
}

// The registrar saw another address of this machine: the driver moves the line there; new Call-ID, once.
TEST_F(BehindNat, AnotherOwnAddressMovesTheLine) {
  seen_ip = "10.9.0.1";
  seen_port = 5060;
  const auto other = phone().stack.transport().add_udp_socket(*Address::parse("10.9.0.1:5060", 0));
  phone().on_event = [&](const sip::Event& event) {
    if (const auto* seen = std::get_if<sip::AddressSeen>(&event)) {
      EXPECT_EQ(seen->as, sip::SeenAs::other_own);
      phone().stack.move_account(seen->account, other, wire.now());
    }
  };
  add_nat_line();
  run(std::chrono::minutes(15));
  ASSERT_EQ(registers.size(), 2U) << wire.ladder();
  EXPECT_EQ(phone().count<sip::AddressSeen>(), 1U);
  EXPECT_NE(contact(1).find("10.9.0.1:5060"), std::string::npos);
  EXPECT_NE(registers[0]->value(HeaderId::call_id), registers[1]->value(HeaderId::call_id));
  EXPECT_GE(arrivals[1] - arrivals[0], milliseconds(100));
  EXPECT_EQ(pings(), 0U);
}

// The machine sleeps for an hour. With or without a word of it, the line comes back with a few messages.
class Sleep : public Flows, public testing::WithParamInterface<bool> {};

TEST_P(Sleep, AnHourIsNoStormAndNoLostLine) {
  for (const auto transport : {sip::Transport::udp, sip::Transport::tcp}) {
    add_line(transport);
    ASSERT_TRUE(is_registered());
    const auto crossed = wire.crossings.size();
    bool woken = false;
    wire.at(wire.now() + std::chrono::hours(1), [&] {
      woken = true;
      if (GetParam()) phone().stack.on_resume(std::chrono::hours(1), wire.now());
    });
    wire.jump(std::chrono::hours(1));
    wire.run_until([&] { return woken; });
    run(seconds(10));
    EXPECT_LE(wire.crossings.size() - crossed, 14U) << wire.ladder();
    EXPECT_TRUE(is_registered());
    const auto before = registers.size();
    run(seconds(60));
    EXPECT_LE(registers.size(), before + 1);
    phone().stack.remove_account(line, wire.now());
    run(seconds(40));
  }
}
INSTANTIATE_TEST_SUITE_P(Told, Sleep, testing::Bool());

TEST_F(Flows, ANetworkChangeClosesWhatIsGoneAndRegistersOnce) {
  add_line(sip::Transport::tcp);
  phone().stack.on_network_change({IpAddress::parse("10.9.0.1").value()}, wire.now());
  wire.settle(phone());
  EXPECT_EQ(phone().stack.counters().connections, 0U);
  run(seconds(10));
  EXPECT_EQ(registers.size(), 2U) << wire.ladder();
  EXPECT_TRUE(is_registered());
}

// What a hundred phones do when their server returns: not all in the same moment.
TEST_F(Flows, RecoveryIsSpread) {
  std::vector<Node*> phones;
  for (int i = 0; i < 100; ++i) {
    phones.push_back(&wire.add("p", fmt::format("10.1.0.{}:5060", i + 1), phone_settings));
    sip::Account account;
    account.uri = fmt::format("sip:{}@10.0.0.9", 7000 + i);
    account.server = sip::NextHop{sip::Transport::tcp, "10.0.0.9", 5060, {}, {}};
    account.register_expires = seconds(1800);
    phones.back()->stack.add_account(account, wire.now());
  }
  run(seconds(5));
  ASSERT_EQ(registers.size(), 100U);
  registrar.stack.transport().drop_connections("the server restarts", wire.now());
  const Time lost = wire.now();
  run(seconds(10));
  ASSERT_EQ(registers.size(), 200U);
  std::array<int, 4> per_second{};
  for (std::size_t i = 100; i < 200; ++i)
    ++per_second.at(std::min<std::size_t>(3, static_cast<std::size_t>((arrivals[i] - lost) / seconds(1))));
  for (const int count : per_second) EXPECT_GT(count, 8);
}

}  // namespace
}  // namespace sidetone::test
