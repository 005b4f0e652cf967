// Two stacks, each on its SipHost, on one io_context: real UDP, TCP and TLS sockets of both IP versions.
#include "engine/sip_host.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "engine/system_random.h"
#include "net/self_signed_certificate.h"
#include "ports/free_port.h"

namespace sidetone::engine {
namespace {

const std::string offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n";

// A user agent that answers each INVITE and keeps the names of what happened.
struct Agent {
  Agent(boost::asio::io_context& io, const SteadyTime& clock, bool server_role)
      : stack({.server_role = server_role}, random, log), host(io, stack, clock, {}, log) {
    host.set_hooks({.on_event = [this](sip::Event&& event, Time now) { handle(std::move(event), now); },
                    .after_drain = [this](Time) { ++drains; }});
  }

  void handle(sip::Event&& event, Time now) {
    if (const auto* invite = std::get_if<sip::IncomingInvite>(&event)) {
      session = invite->session;
      EXPECT_TRUE(stack.accept(session, offer, {}, now));
    } else if (const auto* request = std::get_if<sip::IncomingRequest>(&event)) {
      EXPECT_TRUE(stack.respond(request->id, {.status = 200}, now));
      ++requests;
    } else if (std::holds_alternative<sip::Accepted>(event)) {
      ++accepted;
    } else if (std::holds_alternative<sip::Confirmed>(event)) {
      ++confirmed;
    } else if (const auto* end = std::get_if<sip::SessionEnded>(&event)) {
      ++ended;
      cause = end->cause;
    } else if (const auto* finished = std::get_if<sip::RequestFinished>(&event)) {
      statuses.push_back(finished->status);
    }
  }

  SystemRandom random;
  NullSink log;
  sip::Stack stack;
  SipHost host;
  sip::SessionId session;
  int accepted = 0, confirmed = 0, ended = 0, requests = 0, drains = 0;
  std::optional<sip::EndCause> cause;
  std::vector<int> statuses;
};

struct Row {
  const char* name;
  const char* ip;
  sip::Transport transport;
};

class SipHostTest : public testing::TestWithParam<Row> {
 protected:
  bool run_until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done()) {
      if (std::chrono::steady_clock::now() >= end) return false;
      if (io_.stopped()) io_.restart();
      io_.run_one_for(std::chrono::milliseconds(100));
    }
    return true;
  }

  void SetUp() override {
    const auto ip = IpAddress::parse(GetParam().ip).value();
    auto callee = callee_.host.bind_both(ip, 0, 0);
    auto caller = caller_.host.bind_both(ip, 0, 0);
    ASSERT_TRUE(callee) << callee.error().text;
    ASSERT_TRUE(caller) << caller.error().text;
    callee_at_ = callee->local;
    sip::TlsProfileId profile;
    if (GetParam().transport == sip::Transport::tls) ASSERT_NO_FATAL_FAILURE(set_up_tls(ip, profile));
    account_ = caller_.stack.add_account({.uri = "sip:caller@lab.example",
                                          .server = sip::NextHop{.transport = GetParam().transport,
                                                                 .host = ip.to_string(),
                                                                 .port = callee_at_.port,
                                                                 .tls_profile = profile}},
                                         caller_.host.now());
  }

  // The caller trusts the callee's certificate and has none of its own.
  void set_up_tls(const IpAddress& ip, sip::TlsProfileId& callers) {
    const auto file =
        (std::filesystem::temp_directory_path() / ("sidetone-" + caller_.random.token(12))).string();
    const auto written = net::write_self_signed(file, {{ip.to_string(), "localhost"}});
    ASSERT_TRUE(written) << describe(written.error());
    const auto callees = callee_.host.add_tls_profile({.system_trust = false, .certificate_file = file});
    const auto profile = caller_.host.add_tls_profile({.system_trust = false, .ca_file = file});
    ASSERT_TRUE(callees && profile);
    const auto bound = callee_.host.listen_tls({ip, 0}, *callees);
    ASSERT_TRUE(bound) << describe(bound.error());
    callee_at_ = bound->local;
    callers = *profile;
    // Read before the file goes: once, by each profile's own thread.
    caller_.host.post([&] {
      EXPECT_TRUE(caller_.stack.request({.account = {},
                                         .method = sip::Method::options,
                                         .target = "sip:" + callee_at_.to_string() + ";transport=tls",
                                         .headers = {},
                                         .body = {},
                                         .content_type = {},
                                         .from_uri = "sip:caller@lab.example",
                                         .from_display = {},
                                         .next_hop = sip::NextHop{.transport = sip::Transport::tls,
                                                                  .host = ip.to_string(),
                                                                  .port = callee_at_.port,
                                                                  .tls_profile = callers}},
                                        caller_.host.now()));
    });
    EXPECT_TRUE(run_until([&] { return !caller_.statuses.empty(); }));
    EXPECT_THAT(caller_.statuses, testing::ElementsAre(200));
    caller_.statuses.clear();
    std::filesystem::remove(file);
  }

  std::string target() const {
    return "sip:callee@" + callee_at_.to_string() +
           (GetParam().transport == sip::Transport::tcp   ? ";transport=tcp"
            : GetParam().transport == sip::Transport::tls ? ";transport=tls"
                                                          : "");
  }

  boost::asio::io_context io_{1};
  SteadyTime clock_;
  Agent caller_{io_, clock_, false}, callee_{io_, clock_, true};
  Address callee_at_;
  sip::AccountId account_;
};

TEST_P(SipHostTest, ACallIsMadeAndEnded) {
  sip::SessionId session;
  caller_.host.post([&] {
    const auto made =
        caller_.stack.invite({.account = account_, .target = target(), .sdp = offer}, caller_.host.now());
    ASSERT_TRUE(made) << made.error().text;
    session = *made;
  });
  ASSERT_TRUE(run_until([&] { return caller_.accepted == 1 && callee_.confirmed == 1; }));
  const auto facts = caller_.stack.dialog(session);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->flow.transport, GetParam().transport);
  caller_.host.post([&] { EXPECT_TRUE(caller_.stack.end(session, {}, caller_.host.now())); });
  ASSERT_TRUE(run_until([&] { return caller_.ended == 1 && callee_.ended == 1; }));
  EXPECT_EQ(callee_.cause, sip::EndCause::bye_received);
  EXPECT_GT(caller_.drains, 0);
}

TEST_P(SipHostTest, TheCalleeEndsIt) {
  caller_.host.post([&] {
    EXPECT_TRUE(
        caller_.stack.invite({.account = account_, .target = target(), .sdp = offer}, caller_.host.now()));
  });
  ASSERT_TRUE(run_until([&] { return callee_.confirmed == 1; }));
  callee_.host.post([&] { EXPECT_TRUE(callee_.stack.end(callee_.session, {}, callee_.host.now())); });
  ASSERT_TRUE(run_until([&] { return caller_.ended == 1 && callee_.ended == 1; }));
  EXPECT_EQ(caller_.cause, sip::EndCause::bye_received);
}

TEST_P(SipHostTest, ManyRequestsAllAnswered) {
  caller_.host.post([&] {
    for (int i = 0; i < 60; ++i)  // at most 64 wait for a connection
      EXPECT_TRUE(caller_.stack.request({.account = account_,
                                         .method = sip::Method::message,
                                         .target = target(),
                                         .headers = {},
                                         .body = "text " + std::to_string(i),
                                         .content_type = "text/plain",
                                         .from_uri = {},
                                         .from_display = {},
                                         .next_hop = {}},
                                        caller_.host.now()));
  });
  ASSERT_TRUE(run_until([&] { return caller_.statuses.size() == 60; }));
  EXPECT_EQ(callee_.requests, 60);
  for (const int status : caller_.statuses) EXPECT_EQ(status, 200);
}

// RFC 3261 §18.4, §8.1.3.1: nobody there is known at once, not after timer B's 32 s.
TEST_P(SipHostTest, AnUnreachableServerIsAnEventAtOnce) {
  const auto ip = IpAddress::parse(GetParam().ip).value();
  const auto dead_port = test::free_port();
  caller_.host.post([&] {
    EXPECT_TRUE(caller_.stack.invite(
        {.account = account_,
         .target = target(),
         .sdp = offer,
         .headers = {},
         .from_uri = {},
         .from_display = {},
         .next_hop =
             sip::NextHop{.transport = GetParam().transport, .host = ip.to_string(), .port = dead_port}},
        caller_.host.now()));
  });
  ASSERT_TRUE(run_until([&] { return caller_.ended == 1; }));
  EXPECT_EQ(caller_.cause, sip::EndCause::transport);
}

TEST_P(SipHostTest, NamesAreLookedUpAndLeadToAFamilyInUse) {
  caller_.host.post([&] {
    EXPECT_TRUE(caller_.stack.invite(
        {.account = account_,
         .target = target(),
         .sdp = offer,
         .headers = {},
         .from_uri = {},
         .from_display = {},
         .next_hop =
             sip::NextHop{.transport = GetParam().transport, .host = "localhost", .port = callee_at_.port}},
        caller_.host.now()));
  });
  // A machine whose localhost has no IPv6 address gets the failure as an event.
  ASSERT_TRUE(run_until([&] { return caller_.accepted == 1 || caller_.ended == 1; }));
  if (callee_at_.ip.is_v4()) EXPECT_EQ(caller_.accepted, 1);
}

TEST_P(SipHostTest, PostMayBeCalledFromAnyThread) {
  std::atomic<int> ran = 0;
  std::thread other([&] {
    for (int i = 0; i < 100; ++i) caller_.host.post([&] { ++ran; });
  });
  EXPECT_TRUE(run_until([&] { return ran == 100; }));
  other.join();
}

TEST_P(SipHostTest, AnIdleHostDoesNotWake) {
  io_.run_for(std::chrono::milliseconds(300));
  EXPECT_EQ(caller_.host.wakeups(), 0u);
  EXPECT_EQ(callee_.host.wakeups(), 0u);
}

TEST_P(SipHostTest, WhatLivesAboveHasItsTimer) {
  std::optional<Time> due = caller_.host.now() + std::chrono::milliseconds(20);
  const Time wanted = *due;
  Time fired{};
  caller_.host.set_hooks({.on_event = {},
                          .after_drain = {},
                          .on_time =
                              [&](Time now) {
                                fired = now;
                                due.reset();
                              },
                          .deadline = [&]() -> std::optional<Deadline> {
                            if (!due) return std::nullopt;
                            return Deadline{*due, "test"};
                          }});
  caller_.host.drain();
  ASSERT_TRUE(run_until([&] { return fired != Time{}; }));
  EXPECT_GE(fired, wanted);
  EXPECT_EQ(caller_.host.wakeups(), 1u);
}

// Commands that after_drain gives to the stack leave without a further input.
TEST_P(SipHostTest, AfterDrainIsCalledUntilNothingIsLeft) {
  bool asked = false;
  auto hooks = SipHostHooks{
      .on_event = [&](sip::Event&& event, Time now) { caller_.handle(std::move(event), now); },
      .after_drain =
          [&](Time now) {
            if (asked) return;
            asked = true;
            EXPECT_TRUE(caller_.stack.invite({.account = account_, .target = target(), .sdp = offer}, now));
          },
      .on_time = {},
      .deadline = {}};
  caller_.host.set_hooks(std::move(hooks));
  caller_.host.drain();
  EXPECT_TRUE(run_until([&] { return callee_.confirmed == 1; }));
}

INSTANTIATE_TEST_SUITE_P(Transports, SipHostTest,
                         testing::Values(Row{"udp_v4", "127.0.0.1", sip::Transport::udp},
                                         Row{"udp_v6", "::1", sip::Transport::udp},
                                         Row{"tcp_v4", "127.0.0.1", sip::Transport::tcp},
                                         Row{"tcp_v6", "::1", sip::Transport::tcp},
                                         Row{"tls_v4", "127.0.0.1", sip::Transport::tls},
                                         Row{"tls_v6", "::1", sip::Transport::tls}),
                         [](const auto& row) { return row.param.name; });

TEST(SipHostBind, ABusyPortIsAnErrorThatNamesItAndTheRangeWhenAllAre) {
  boost::asio::io_context io{1};
  const SteadyTime clock;
  Agent first(io, clock, true), second(io, clock, true);
  const auto held = first.host.bind_both(IpAddress::loopback_v4(), 0, 0);
  ASSERT_TRUE(held);
  const auto port = held->local.port;
  const auto busy = second.host.bind_both(IpAddress::loopback_v4(), port, port);
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().fault, Fault::busy);
  EXPECT_EQ(busy.error().text, "UDP port " + std::to_string(port) + " on 127.0.0.1 is in use");
  const auto last = static_cast<std::uint16_t>(std::min(65535, port + 20));
  const auto next = second.host.bind_both(IpAddress::loopback_v4(), port, last);
  ASSERT_TRUE(next) << next.error().text;
  EXPECT_GT(next->local.port, port);
}

// --- many connections, all interfaces

class SipHostTcp : public testing::Test {
 protected:
  bool run_until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!done()) {
      if (std::chrono::steady_clock::now() >= end) return false;
      if (io_.stopped()) io_.restart();
      io_.run_one_for(std::chrono::milliseconds(100));
    }
    return true;
  }
  void bind(std::string_view server_ip) {
    auto callee = callee_.host.bind_both(IpAddress::parse(server_ip).value(), 0, 0);
    auto caller = caller_.host.bind_both(IpAddress::loopback_v4(), 0, 0);
    ASSERT_TRUE(callee && caller);
    port_ = callee->local.port;
  }
  void message(sip::Transport transport, const std::string& ip) {
    caller_.host.post([this, transport, ip] {
      sip::OutgoingRequest request;
      request.method = sip::Method::message;
      request.target = fmt::format("sip:callee@{}:{}", ip, port_);
      request.from_uri = "sip:caller@lab.example";
      request.body = "text";
      request.content_type = "text/plain";
      request.next_hop = sip::NextHop{.transport = transport, .host = ip, .port = port_};
      EXPECT_TRUE(caller_.stack.request(request, caller_.host.now()));
    });
  }
  std::unique_ptr<net::StreamConnection> connect(int& opened) {
    return net::StreamConnection::connect(io_, {IpAddress::loopback_v4(), port_}, 0, 0,
                                          {.on_open = [&opened](const Address&, const Address&) { ++opened; },
                                           .on_receive = {},
                                           .on_close = {}});
  }
  static std::size_t descriptors() {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                                                  std::filesystem::directory_iterator{}));
  }

  boost::asio::io_context io_{1};
  SteadyTime clock_;
  Agent caller_{io_, clock_, true}, callee_{io_, clock_, true};
  std::uint16_t port_ = 0;
};

// AST-2016-005 was a server that took no more connections after some dozens of idle ones.
TEST_F(SipHostTcp, SixtyIdleConnectionsDoNotStopTcp) {
  bind("127.0.0.1");
  int opened = 0;
  std::vector<std::unique_ptr<net::StreamConnection>> idle;
  for (int i = 0; i < 60; ++i) idle.push_back(connect(opened));
  ASSERT_TRUE(run_until([&] { return opened == 60 && callee_.stack.counters().connections == 60; }));
  message(sip::Transport::tcp, "127.0.0.1");
  ASSERT_TRUE(run_until([&] { return !caller_.statuses.empty(); }));
  EXPECT_EQ(caller_.statuses, std::vector{200});
}

TEST_F(SipHostTcp, ThousandsOfConnectionsLeaveNothingBehind) {
  bind("127.0.0.1");
  const auto before = descriptors();
  for (int round = 0; round < 20; ++round) {
    int opened = 0;
    std::vector<std::unique_ptr<net::StreamConnection>> batch;
    for (int i = 0; i < 100; ++i) batch.push_back(connect(opened));
    ASSERT_TRUE(run_until([&] { return opened == 100; }));
    for (auto& one : batch) one->send(std::make_shared<const std::string>("OPTIONS half a message"));
    ASSERT_TRUE(run_until([&] { return callee_.stack.counters().connections == 100; }));
    batch.clear();
    ASSERT_TRUE(run_until([&] { return callee_.stack.counters().connections == 0; }));
  }
  EXPECT_EQ(descriptors(), before);
  EXPECT_EQ(callee_.stack.counters().timers, 0U);
}

// sip_port_binding=0: one socket for all addresses, and each peer is told the one that it knows.
TEST_F(SipHostTcp, OnAllInterfacesContactNamesTheAddressThatWasCalled) {
  bind("0.0.0.0");
  for (const auto* ip : {"127.0.0.1", "127.0.0.6"})
    for (const auto transport : {sip::Transport::udp, sip::Transport::tcp}) {
      sip::Invite invite;
      invite.target = fmt::format("sip:callee@{}:{}", ip, port_);
      invite.from_uri = "sip:caller@lab.example";
      invite.sdp = offer;
      invite.next_hop = sip::NextHop{.transport = transport, .host = ip, .port = port_};
      const int accepted = caller_.accepted;
      sip::SessionId session;
      caller_.host.post([&] { session = caller_.stack.invite(invite, caller_.host.now()).value(); });
      ASSERT_TRUE(run_until([&] { return caller_.accepted > accepted; }));
      const auto dialog = caller_.stack.dialog(session);
      ASSERT_TRUE(dialog);
      EXPECT_NE(dialog->remote_target.find(fmt::format("{}:{}", ip, port_)), std::string::npos)
          << dialog->remote_target;
    }
}

}  // namespace
}  // namespace sidetone::engine
