// Answers every INVITE with 200 and a fixed description, until SIGTERM: the subject of uas_cpu.sh and
// growth.sh.
//   bench_sip_uas PORT
// SIGUSR1: one line with the bytes of heap in use and what lives.
#include <fmt/format.h>
#include <malloc.h>

#include <boost/asio/signal_set.hpp>
#include <cstdio>

#include "base/text.h"
#include "engine/sip_host.h"
#include "engine/system_random.h"

namespace {

using namespace sidetone;

const char description[] =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 9000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

// A call for "busy" gets 486: an INVITE transaction without a dialog.
void answer(sip::Stack& stack, const sip::IncomingInvite& invite, Time now) {
  if (invite.request->request_uri().substr(0, 9) == "sip:busy@")
    static_cast<void>(stack.reject(invite.session, {.status = 486}, now));
  else
    static_cast<void>(stack.accept(invite.session, description, {}, now));
}

void print_heap(const sip::Stack& stack) {
  const auto now = stack.counters();
  const auto memory = mallinfo2();  // big blocks have mappings of their own
  fmt::print("heap {} sessions {} servers {}\n", memory.uordblks + memory.hblkhd, now.sessions, now.servers);
  std::fflush(stdout);
}

void print_heap_on(boost::asio::signal_set& signals, const sip::Stack& stack) {
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (error) return;
    print_heap(stack);
    print_heap_on(signals, stack);
  });
}

int run(std::uint16_t port) {
  boost::asio::io_context io(1);
  const engine::SteadyTime clock;
  engine::SystemRandom random;
  NullSink log;
  sip::StackSettings settings{.server_role = true};
  settings.timers.transactions_max = 4'000'000;  // finished ones stay for 32 s: at 13,000 calls/s 832,000
  settings.sessions_max = 1'000'000;
  sip::Stack stack(settings, random, log);
  engine::SipHost host(io, stack, clock, {}, log);
  std::uint64_t ended = 0;
  host.set_hooks({.on_event =
                      [&](sip::Event&& event, Time now) {
                        if (const auto* invite = std::get_if<sip::IncomingInvite>(&event))
                          answer(stack, *invite, now);
                        else if (const auto* request = std::get_if<sip::IncomingRequest>(&event))
                          static_cast<void>(stack.respond(request->id, {.status = 200}, now));
                        else if (std::holds_alternative<sip::SessionEnded>(event))
                          ++ended;
                      },
                  .after_drain = {},
                  .on_time = {},
                  .deadline = {}});
  const auto bound = host.bind_udp({IpAddress::loopback_v4(), port});
  if (!bound) {
    fmt::print(stderr, "{}\n", describe(bound.error()));
    return 1;
  }
  boost::asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&](const auto&, int) { io.stop(); });
  boost::asio::signal_set questions(io, SIGUSR1);
  print_heap_on(questions, stack);
  fmt::print("ready\n");
  std::fflush(stdout);
  io.run();
  const auto left = stack.counters();
  fmt::print("calls {} left: sessions {} dialogs {} servers {} timers {}; retransmitted {}\n", ended,
             left.sessions, left.dialogs, left.servers, left.timers, left.retransmissions);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto port = argc == 2 ? sidetone::parse_number<std::uint16_t>(argv[1]) : std::nullopt;
  if (!port) {
    fmt::print(stderr, "usage: {} PORT\n", argv[0]);
    return 2;
  }
  return run(*port);
}
