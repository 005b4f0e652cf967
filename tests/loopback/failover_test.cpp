// A line at a domain with two servers, over real sockets and c-ares with a name server of the test's own:
// NAPTR leads to SRV leads to addresses; then the first server dies in the two ways in which servers die.
#include <gmock/gmock.h>

#include <chrono>
#include <cstdio>

#include "dns_server.h"
#include "engine/sip_host.h"
#include "engine/system_random.h"

namespace sidetone::engine {
namespace {

using test::DnsServer;
using Bytes = sip::test::DnsBytes;
using SteadyClock = std::chrono::steady_clock;

const std::string body = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n";

// A registrar that also answers calls.
struct Server {
  Server(boost::asio::io_context& io, const SteadyTime& clock)
      : stack({.server_role = true}, random, log), host(io, stack, clock, {}, log) {
    host.set_hooks({.on_event = [this](sip::Event&& event, Time now) { handle(event, now); }});
    at = host.bind_both(IpAddress::loopback_v4(), 0, 0).value().local;
  }
  void handle(const sip::Event& event, Time now) {
    if (const auto* invite = std::get_if<sip::IncomingInvite>(&event)) {
      ++calls;
      EXPECT_TRUE(stack.accept(invite->session, body, {}, now));
    } else if (const auto* request = std::get_if<sip::IncomingRequest>(&event)) {
      const auto& message = *request->request;
      ++registrations;
      EXPECT_TRUE(stack.respond(
          request->id,
          {.status = 200,
           .headers = {{"Contact", std::string(message.value(sip::HeaderId::contact))}, {"Expires", "600"}}},
          now));
    } else if (std::holds_alternative<sip::Confirmed>(event)) {
      ++confirmed;
    }
  }
  SystemRandom random;
  NullSink log;
  sip::Stack stack;
  SipHost host;
  Address at;
  int calls = 0, registrations = 0, confirmed = 0;
};

struct Phone {
  Phone(boost::asio::io_context& io, const SteadyTime& clock, const Address& name_server)
      : stack(settings(), random, log), host(io, stack, clock, {.dns = {.servers = {name_server}}}, log) {
    host.set_hooks({.on_event = [this](sip::Event&& event, Time) { handle(event); }});
    EXPECT_TRUE(host.bind_both(IpAddress::loopback_v4(), 0, 0));
  }
  static sip::StackSettings settings() {
    sip::StackSettings settings;
    settings.timers.client_timeout = std::chrono::milliseconds(4000);  // sip_transaction_timeout's default
    return settings;
  }
  void add_line(bool any_transport) {
    line = stack.add_account({.uri = "sip:7001@pool.test",
                              .server = sip::NextHop{.host = "pool.test", .any_transport = any_transport},
                              .register_expires = std::chrono::seconds(600)},
                             host.now());
    host.drain();
  }
  void call() {
    const auto made =
        stack.invite({.account = line, .target = "sip:7002@pool.test", .sdp = body}, host.now());
    ASSERT_TRUE(made) << made.error().text;
    host.drain();
  }
  void handle(const sip::Event& event) {
    if (const auto* changed = std::get_if<sip::RegistrationChanged>(&event)) {
      registered += changed->state == sip::RegistrationState::registered ? 1 : 0;
      text = changed->text;
    }
    accepted += std::holds_alternative<sip::Accepted>(event) ? 1 : 0;
  }
  SystemRandom random;
  NullSink log;
  sip::Stack stack;
  SipHost host;
  sip::AccountId line;
  int registered = 0, accepted = 0;
  std::string text;
};

class Failover : public testing::Test {
 protected:
  bool run_until(const std::function<bool()>& done, std::chrono::seconds limit = std::chrono::seconds(20)) {
    const auto end = SteadyClock::now() + limit;
    while (!done()) {
      if (SteadyClock::now() >= end) return false;
      for (auto* io : {&io_, &io_of_one_})
        if (io->stopped()) io->restart();
      if (!one_hangs_) io_of_one_.poll();
      io_.run_one_for(std::chrono::milliseconds(one_hangs_ ? 50 : 2));
    }
    return true;
  }
  // NAPTR -> SRV with two hosts -> their addresses.
  void fill_zone(bool tcp) {
    const std::string service = tcp ? "_sip._tcp.pool.test" : "_sip._udp.pool.test";
    dns_.add("pool.test", 35, Bytes::naptr(10, 10, "s", tcp ? "SIP+D2T" : "SIP+D2U", "", service));
    dns_.add(service, 33, Bytes::srv(1, 0, one_->at.port, "one.pool.test"));
    dns_.add(service, 33, Bytes::srv(2, 0, two_->at.port, "two.pool.test"));
    dns_.add("one.pool.test", 1, Bytes::v4(127, 0, 0, 1));
    dns_.add("two.pool.test", 1, Bytes::v4(127, 0, 0, 1));
  }

  boost::asio::io_context io_{1}, io_of_one_{1};
  bool one_hangs_ = false;
  SteadyTime clock_;
  DnsServer dns_{io_};
  std::unique_ptr<Server> one_ = std::make_unique<Server>(io_of_one_, clock_);
  std::unique_ptr<Server> two_ = std::make_unique<Server>(io_, clock_);
};

struct Row {
  const char* name;
  bool tcp, silent;
  std::chrono::milliseconds limit;
};
class ServerDeath : public Failover, public testing::WithParamInterface<Row> {};

TEST_P(ServerDeath, TheLineAndItsCallsReachTheOther) {
  const auto& row = GetParam();
  fill_zone(row.tcp);
  Phone phone(io_, clock_, dns_.address());
  phone.add_line(true);
  ASSERT_TRUE(run_until([&] { return phone.registered == 1; })) << phone.text;
  EXPECT_EQ(one_->registrations, 1);
  ASSERT_EQ(dns_.asked.size(), 4U);
  EXPECT_EQ(dns_.asked[0], "35 pool.test");

  // A process that is gone is told of by the system; one that hangs, like a machine that is gone, says
  // nothing.
  if (row.silent)
    one_hangs_ = true;
  else
    one_.reset();
  const auto died = SteadyClock::now();
  phone.call();
  ASSERT_TRUE(run_until([&] { return phone.accepted == 1 && two_->confirmed == 1; }));
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - died);
  std::printf("time from server death to a working call, %s: %lld ms\n", row.name,
              static_cast<long long>(ms.count()));
  EXPECT_LE(ms, row.limit);
  ASSERT_TRUE(run_until([&] { return phone.registered == 2; }));
  EXPECT_EQ(two_->registrations, 1);
}

// The limits: a reset or refusal is answered at once, silence after sip_transaction_timeout (4 s). A machine
// that is busy with other tests may take longer, yet not as long as a second try of the dead one would.
INSTANTIATE_TEST_SUITE_P(
    Rows, ServerDeath,
    testing::Values(Row{"UDP, process gone", false, false, std::chrono::milliseconds(3500)},
                    Row{"UDP, server silent", false, true, std::chrono::milliseconds(7500)},
                    Row{"TCP, process gone", true, false, std::chrono::milliseconds(3500)},
                    Row{"TCP, server silent", true, true, std::chrono::milliseconds(7500)}));

TEST_F(Failover, ADeadNameServerIsNamedWithItsQuestion) {
  dns_.silent = true;
  Phone phone(io_, clock_, dns_.address());
  phone.add_line(false);
  ASSERT_TRUE(run_until([&] { return !phone.text.empty(); }));
  // c-ares shortens its second try by chance.
  const auto text = "The name pool.test could not be resolved: SRV _sip._udp.pool.test: server " +
                    dns_.address().to_string() + " did not answer within ";
  EXPECT_THAT(phone.text, testing::AnyOf(text + "2 s", text + "3 s"));
}

TEST_F(Failover, NothingIsArmedWhileNobodyAsks) {
  fill_zone(false);
  Phone phone(io_, clock_, dns_.address());
  phone.add_line(false);
  ASSERT_TRUE(run_until([&] { return phone.registered == 1; }));
  const auto wakeups = phone.host.wakeups();
  const auto asked = dns_.asked.size();
  run_until([] { return false; }, std::chrono::seconds(6));  // timers F and K end here
  EXPECT_LE(phone.host.wakeups() - wakeups, 2U);
  EXPECT_EQ(dns_.asked.size(), asked);
}

}  // namespace
}  // namespace sidetone::engine
