// RFC 3261 appendix A, table 4, and the timers of RFC 6026: one row per timer and transport, measured with
// the usual T1, T2, T4 and with others. Timer C is a proxy's; the lab's server has its own
// (lab_routing_test.cpp).
#include <fmt/format.h>

#include "transaction_desk.h"

namespace sidetone::sip::test {
namespace {

enum class Probe {
  request_repeated,   // A, E: when the request leaves for the second time
  request_given_up,   // B, F: when the user hears that nobody answers
  response_repeated,  // G: when the final response leaves for the second time
  ack_given_up,       // H: when the user hears that no ACK comes
  client_lingers,     // D, K, M: how long after the final response
  server_lingers,     // I, J, L: how long after the ACK or the final response
  trying,             // how long the user may think before the 100
};
constexpr auto never = Duration(-1);

struct TimerRow {
  std::string timer, section, value;  // as the table has it
  Probe probe;
  Method method;
  int status;  // of the final response
  bool tcp;
  Duration (*expected)(const TimerSettings&);
};

Duration t1(const TimerSettings& t) { return t.t1; }
Duration t1_64(const TimerSettings& t) { return t.t1 * 64; }
Duration t4(const TimerSettings& t) { return t.t4; }
Duration at_least_32_s(const TimerSettings& t) { return std::max<Duration>(t.t1 * 64, seconds(32)); }
Duration zero(const TimerSettings&) { return Duration(0); }
Duration none(const TimerSettings&) { return never; }
Duration trying(const TimerSettings&) { return milliseconds(200); }

class Meter {
 public:
  Meter(const TimerRow& row, TimerSettings timers) : row_(row), desk_({}, timers) {}
  Duration measure() {
    switch (row_.probe) {
      case Probe::request_repeated: return send(), until([this] { return desk_.wire.size() > 1; });
      case Probe::request_given_up:
        return send(), until([this] { return desk_.last<ClientFailed>() != nullptr; });
      case Probe::response_repeated:
        return take(), respond(),
               until([this] { return desk_.times_ms(std::to_string(row_.status)).size() > 1; });
      case Probe::ack_given_up:
        return take(), respond(), until([this] { return desk_.last<ServerFailed>() != nullptr; });
      case Probe::client_lingers: return send(), be_answered(), until([this] { return desk_.alive() == 0; });
      case Probe::server_lingers:
        return take(), respond(), acknowledge(), until([this] { return desk_.alive() == 0; });
      case Probe::trying: return take(), until([this] { return !desk_.wire.empty(); });
    }
    return never;
  }

 private:
  void send() {
    desk_.send(Desk::request(row_.method), desk_.hop(row_.tcp ? Transport::tcp : Transport::udp));
    if (!row_.tcp) return;
    stream_ = desk_.opens.at(0).connection;
    desk_.layer.transport().opened(stream_, *Address::parse("192.0.2.1:40000", 0), desk_.peer, desk_.now);
    desk_.drain();
  }
  void come_in(std::string bytes) {
    row_.tcp ? desk_.from_stream(stream_, bytes) : desk_.from_wire(std::move(bytes));
  }
  void take() {
    const auto here = *Address::parse("192.0.2.1:5060", 0);
    if (row_.tcp)
      stream_ = desk_.layer.transport().accepted(desk_.layer.transport().add_listener(Transport::tcp, here),
                                                 here, desk_.peer, desk_.now);
    come_in(Desk::incoming(to_string(row_.method)));
  }
  void respond() { desk_.respond(desk_.last<RequestReceived>()->id, row_.status); }
  void be_answered() { come_in(Desk::answer(desk_.wire.at(0), row_.status)); }
  void acknowledge() {
    if (row_.method == Method::invite && row_.status >= 300)
      come_in(Desk::incoming("ACK", "z9hG4bKpeer1", "here"));
  }
  // Ten minutes are longer than any of them.
  template <typename Done>
  Duration until(Done&& done) {
    const Time begin = desk_.now;
    while (!done()) {
      const auto deadline = desk_.layer.deadline();
      if (!deadline || deadline->when > begin + std::chrono::minutes(10)) return never;
      desk_.pass(deadline->when - desk_.now);
    }
    return desk_.now - begin;
  }

  const TimerRow& row_;
  Desk desk_;
  ConnectionId stream_;
};

class TimerTable : public ::testing::TestWithParam<TimerRow> {};

TEST_P(TimerTable, row) {
  const auto& row = GetParam();
  for (const int factor : {1, 2, 4}) {
    TimerSettings timers;
    timers.t1 *= factor;
    timers.t4 *= factor;
    const auto measured = Meter(row, timers).measure();
    EXPECT_EQ(measured, row.expected(timers))
        << fmt::format("timer {} ({}): {}, T1 times {}", row.timer, row.section, row.value, factor);
  }
}

constexpr auto invite = Method::invite;
constexpr auto options = Method::options;

const std::vector<TimerRow> rows{
    {"A", "17.1.1.2", "initially T1", Probe::request_repeated, invite, 0, false, t1},
    {"A", "17.1.1.2", "for UDP only", Probe::request_repeated, invite, 0, true, none},
    {"B", "17.1.1.2", "64*T1", Probe::request_given_up, invite, 0, false, t1_64},
    {"B", "17.1.1.2", "64*T1", Probe::request_given_up, invite, 0, true, t1_64},
    {"D", "17.1.1.2", "> 32s for UDP", Probe::client_lingers, invite, 486, false, at_least_32_s},
    {"D", "17.1.1.2", "0s for TCP", Probe::client_lingers, invite, 486, true, zero},
    {"E", "17.1.2.2", "initially T1", Probe::request_repeated, options, 0, false, t1},
    {"E", "17.1.2.2", "UDP only", Probe::request_repeated, options, 0, true, none},
    {"F", "17.1.2.2", "64*T1", Probe::request_given_up, options, 0, false, t1_64},
    {"F", "17.1.2.2", "64*T1", Probe::request_given_up, options, 0, true, t1_64},
    {"G", "17.2.1", "initially T1", Probe::response_repeated, invite, 486, false, t1},
    {"G", "17.2.1", "unreliable transports only", Probe::response_repeated, invite, 486, true, none},
    {"H", "17.2.1", "64*T1", Probe::ack_given_up, invite, 486, false, t1_64},
    {"H", "17.2.1", "64*T1", Probe::ack_given_up, invite, 486, true, t1_64},
    {"I", "17.2.1", "T4 for UDP", Probe::server_lingers, invite, 486, false, t4},
    {"I", "17.2.1", "0s for TCP", Probe::server_lingers, invite, 486, true, zero},
    {"J", "17.2.2", "64*T1 for UDP", Probe::server_lingers, options, 200, false, t1_64},
    {"J", "17.2.2", "0s for TCP", Probe::server_lingers, options, 200, true, zero},
    {"K", "17.1.2.2", "T4 for UDP", Probe::client_lingers, options, 200, false, t4},
    {"K", "17.1.2.2", "0s for TCP", Probe::client_lingers, options, 200, true, zero},
    {"L", "RFC 6026 §8.11", "64*T1", Probe::server_lingers, invite, 200, false, t1_64},
    {"L", "RFC 6026 §8.11", "64*T1", Probe::server_lingers, invite, 200, true, t1_64},
    {"M", "RFC 6026 §8.11", "64*T1", Probe::client_lingers, invite, 200, false, t1_64},
    {"M", "RFC 6026 §8.11", "64*T1", Probe::client_lingers, invite, 200, true, t1_64},
    {"100", "17.2.1", "200 ms", Probe::trying, invite, 0, false, trying},
    {"100", "17.2.1", "200 ms", Probe::trying, invite, 0, true, trying},
};

std::string name_of(const ::testing::TestParamInfo<TimerRow>& info) {
  return fmt::format("{}_{}", info.param.timer, info.param.tcp ? "reliable" : "unreliable");
}

INSTANTIATE_TEST_SUITE_P(Rfc3261AppendixA, TimerTable, ::testing::ValuesIn(rows), name_of);

}  // namespace
}  // namespace sidetone::sip::test
