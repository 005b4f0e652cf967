// RFC 3261 table 4 and RFC 6026, in virtual time: what is repeated when, and when it is over.
#include <gmock/gmock.h>

#include "transaction_desk.h"

namespace sidetone::sip::test {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using Times = std::vector<std::int64_t>;

struct RepeatRow {
  const char* section;
  Method method;
  int provisional_after_ms;  // -1: none
  Times sent_ms;
  std::int64_t over_ms;  // -1: not within a minute
};

class ClientRepeats : public ::testing::TestWithParam<RepeatRow> {};

TEST_P(ClientRepeats, OverUdp) {
  const auto& row = GetParam();
  Desk desk;
  desk.send(row.method);
  if (row.provisional_after_ms >= 0) {
    desk.pass(milliseconds(row.provisional_after_ms));
    desk.from_wire(Desk::answer(desk.wire[0], 100));
  }
  for (int i = 0; i < 600 && desk.last<ClientFailed>() == nullptr; ++i) desk.pass(milliseconds(100));
  EXPECT_THAT(desk.times_ms(to_string(row.method)), ElementsAreArray(row.sent_ms)) << row.section;
  const auto* failed = desk.last<ClientFailed>();
  ASSERT_EQ(failed != nullptr, row.over_ms >= 0) << row.section;
  if (failed == nullptr) return;
  EXPECT_EQ(failed->why, ClientFailed::Why::timeout);
  EXPECT_EQ(std::chrono::duration_cast<milliseconds>(desk.since_start()).count(), row.over_ms) << row.section;
  if (row.method == Method::invite) desk.pass(std::chrono::minutes(3));  // for a late answer
  EXPECT_EQ(desk.alive(), 0u);
  EXPECT_EQ(desk.layer.counters().timers, 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Table4, ClientRepeats,
    ::testing::Values(
        RepeatRow{"§17.1.1.2 timer A doubles without bound, B ends",
                  Method::invite,
                  -1,
                  {0, 500, 1500, 3500, 7500, 15500, 31500},
                  32000},
        RepeatRow{"§17.1.1.2 a provisional response stops A and B", Method::invite, 600, {0, 500}, -1},
        RepeatRow{"§17.1.2.2 timer E doubles up to T2, F ends",
                  Method::options,
                  -1,
                  {0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500},
                  32000},
        RepeatRow{"§17.1.2.2 in Proceeding E is T2, F goes on",
                  Method::bye,
                  600,
                  {0, 500, 1500, 5500, 9500, 13500, 17500, 21500, 25500, 29500},
                  32000}));

TEST(TransactionTimers, ReliableTransportRepeatsNothing) {  // §17.1.1.2, §17.1.2.2
  for (const auto method : {Method::invite, Method::options}) {
    Desk desk;
    desk.send(Desk::request(method), desk.hop(Transport::tcp));
    ASSERT_EQ(desk.opens.size(), 1u);
    desk.layer.transport().opened(desk.opens[0].connection, *Address::parse("192.0.2.1:40000", 0), desk.peer,
                                  desk.now);
    desk.drain();
    desk.pass(seconds(31));
    EXPECT_EQ(desk.wire.size(), 1u);
    EXPECT_EQ(desk.last<ClientFailed>(), nullptr);
    desk.pass(seconds(1));
    ASSERT_NE(desk.last<ClientFailed>(), nullptr);
    EXPECT_EQ(desk.last<ClientFailed>()->why, ClientFailed::Why::timeout);
  }
}

TEST(TransactionTimers, ClientTimeoutReplacesBAndF) {
  for (const auto method : {Method::invite, Method::register_}) {
    TimerSettings timers;
    timers.client_timeout = seconds(4);
    Desk desk({}, timers);
    desk.send(method);
    desk.pass(milliseconds(3999));
    EXPECT_EQ(desk.last<ClientFailed>(), nullptr);
    desk.pass(milliseconds(1));
    EXPECT_NE(desk.last<ClientFailed>(), nullptr);
  }
}

TEST(TransactionTimers, ClientTimeoutIsForTheFirstAnswerOnly) {
  TimerSettings timers;
  timers.client_timeout = seconds(4);
  Desk desk({}, timers);
  desk.send(Method::register_);
  desk.pass(seconds(1));
  desk.from_wire(Desk::answer(desk.wire[0], 100));
  desk.pass(milliseconds(30999));
  EXPECT_EQ(desk.last<ClientFailed>(), nullptr);
  desk.pass(milliseconds(1));
  EXPECT_NE(desk.last<ClientFailed>(), nullptr);
}

// How long a finished transaction lingers, and for which reason.
struct LingerRow {
  const char* section;
  const char* reason;
  bool server;
  Method method;
  bool tcp;
  int status;
  std::int64_t lingers_ms;
};
class Lingers : public ::testing::TestWithParam<LingerRow> {};

ConnectionId connect(Desk& desk) {
  const auto listener =
      desk.layer.transport().add_listener(Transport::tcp, *Address::parse("192.0.2.1:5060", 0));
  return desk.layer.transport().accepted(listener, *Address::parse("192.0.2.1:5060", 0), desk.peer, desk.now);
}

TEST_P(Lingers, UntilItsTimer) {
  const auto& row = GetParam();
  Desk desk;
  const ConnectionId connection = row.tcp ? connect(desk) : ConnectionId{};
  const auto in = [&](std::string bytes) {
    row.tcp ? desk.from_stream(connection, bytes) : desk.from_wire(std::move(bytes));
  };
  if (row.server) {
    in(Desk::incoming(to_string(row.method)));
    ASSERT_NE(desk.last<RequestReceived>(), nullptr);
    desk.respond(desk.last<RequestReceived>()->id, row.status);
    if (row.method == Method::invite && row.status >= 300) in(Desk::incoming("ACK", "z9hG4bKpeer1", "here"));
  } else {
    desk.send(Desk::request(row.method), desk.hop(row.tcp ? Transport::tcp : Transport::udp));
    in(Desk::answer(desk.wire.at(0), row.status));
  }
  if (row.lingers_ms == 0) {
    EXPECT_EQ(desk.alive(), 0u) << row.section;
    return;
  }
  desk.reasons.clear();
  desk.pass(milliseconds(row.lingers_ms - 1));
  EXPECT_EQ(desk.alive(), 1u) << row.section;
  desk.pass(milliseconds(1));
  EXPECT_EQ(desk.alive(), 0u) << row.section;
  EXPECT_THAT(desk.reasons, ElementsAre(row.reason)) << row.section;
  EXPECT_EQ(desk.layer.counters().timers, 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Table4, Lingers,
    ::testing::Values(LingerRow{"§17.1.1.2 D, UDP", "timer_d", false, Method::invite, false, 486, 32000},
                      LingerRow{"§17.1.1.2 D, TCP", "timer_d", false, Method::invite, true, 486, 0},
                      LingerRow{"RFC 6026 §8.4 M, UDP", "timer_m", false, Method::invite, false, 200, 32000},
                      LingerRow{"RFC 6026 §8.4 M, TCP", "timer_m", false, Method::invite, true, 200, 32000},
                      LingerRow{"§17.1.2.2 K, UDP", "timer_k", false, Method::bye, false, 200, 5000},
                      LingerRow{"§17.1.2.2 K, TCP", "timer_k", false, Method::bye, true, 200, 0},
                      LingerRow{"§17.2.1 I, UDP", "timer_i", true, Method::invite, false, 486, 5000},
                      LingerRow{"§17.2.1 I, TCP", "timer_i", true, Method::invite, true, 486, 0},
                      LingerRow{"RFC 6026 §8.7 L, UDP", "timer_l", true, Method::invite, false, 200, 32000},
                      LingerRow{"RFC 6026 §8.7 L, TCP", "timer_l", true, Method::invite, true, 200, 32000},
                      LingerRow{"§17.2.2 J, UDP", "timer_j", true, Method::bye, false, 200, 32000},
                      LingerRow{"§17.2.2 J, TCP", "timer_j", true, Method::bye, true, 200, 0}));

TEST(TransactionTimers, FinalResponseToInviteIsRepeatedUntilH) {  // §17.2.1 timers G and H
  Desk desk;
  desk.from_wire(Desk::incoming("INVITE"));
  desk.respond(desk.last<RequestReceived>()->id, 486);
  desk.pass(seconds(31));
  EXPECT_THAT(desk.times_ms("486"), ElementsAre(0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500));
  EXPECT_EQ(desk.last<ServerFailed>(), nullptr);
  desk.pass(seconds(1));
  ASSERT_NE(desk.last<ServerFailed>(), nullptr);
  EXPECT_EQ(desk.alive(), 0u);
  EXPECT_TRUE(desk.took("ist:completed>terminated:timer_h"));
}

TEST(TransactionTimers, TryingAfter200MsOfSilence) {  // §17.2.1
  Desk desk;
  desk.from_wire(Desk::incoming("INVITE", "z9hG4bKpeer1", {}, "Timestamp: 54\r\n"));
  desk.pass(milliseconds(199));
  EXPECT_TRUE(desk.wire.empty());
  desk.pass(milliseconds(1));
  ASSERT_THAT(desk.what(), ElementsAre("100"));
  EXPECT_EQ(desk.wire[0].message().value(HeaderId::timestamp), "54");  // §8.2.6.1
  EXPECT_EQ(desk.wire[0].message().value(HeaderId::to), "<sip:alice@example.com>");
}

TEST(TransactionTimers, NoTryingWhenTheUserSpokeFirst) {
  Desk desk;
  desk.from_wire(Desk::incoming("INVITE"));
  desk.respond(desk.last<RequestReceived>()->id, 180);
  desk.pass(seconds(20));
  EXPECT_THAT(desk.what(), ElementsAre("180"));
}

TEST(TransactionTimers, LateWakeUpDoesNotBurst) {  // after a suspend one repetition goes out, not twenty
  Desk desk;
  desk.send(Method::options);
  desk.now += seconds(20);
  desk.layer.on_time(desk.now);
  desk.drain();
  EXPECT_EQ(desk.wire.size(), 2u);
}

}  // namespace
}  // namespace sidetone::sip::test
