// Ten thousand lines in one process, each an account of one stack, and the registrar for them in another.
//   sip_lines registrar PORT       answers REGISTER with what it asks for; SIGUSR1 prints REGISTERs for each
//   second sip_lines lines PORT COUNT     registers COUNT lines; prints when all are registered, and on
//   SIGUSR1 its figures
#include <fmt/format.h>
#include <malloc.h>
#include <time.h>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <map>
#include <unordered_set>

#include "base/text.h"
#include "engine/sip_host.h"
#include "engine/system_random.h"
#include "sip/message/headers.h"

namespace {

using namespace sidetone;
namespace asio = boost::asio;

constexpr int expires_s = 90;  // refreshed after 60 s: lines.sh keeps the registrar away around then
constexpr int retry_s = 10;

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

sip::StackSettings settings() {
  sip::StackSettings settings{.server_role = true};
  settings.timers.transactions_max = 4'000'000;
  return settings;
}

// What both roles have: a stack on a socket, a handler for SIGUSR1 and an end by SIGTERM.
class Process {
 public:
  Process()
      : stack(settings(), random_, log_),
        host(io_, stack, clock_, {}, log_),
        signals_(io_, SIGTERM, SIGINT),
        questions_(io_, SIGUSR1) {}

  bool bind(std::uint16_t port) {
    const auto bound = host.bind_udp({IpAddress::loopback_v4(), port});
    if (!bound) fmt::print(stderr, "{}\n", describe(bound.error()));
    return bound.has_value();
  }
  [[nodiscard]] asio::io_context& io() { return io_; }
  void run() {
    signals_.async_wait([this](const boost::system::error_code&, int) { io_.stop(); });
    await_question();
    fmt::print("ready\n");
    std::fflush(stdout);
    io_.run();
  }

 private:
  void await_question() {
    questions_.async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      on_question();
      std::fflush(stdout);
      await_question();
    });
  }

  asio::io_context io_{1};
  engine::SteadyTime clock_;
  engine::SystemRandom random_;
  NullSink log_;

 public:
  sip::Stack stack;
  engine::SipHost host;
  std::function<void()> on_question;

 private:
  asio::signal_set signals_, questions_;
};

int serve(std::uint16_t port) {
  Process process;
  std::map<std::int64_t, unsigned> per_second;
  std::unordered_set<std::string> known;
  const Time begin = process.host.now();
  process.host.set_hooks(
      {.on_event =
           [&](sip::Event&& event, Time now) {
             const auto* request = std::get_if<sip::IncomingRequest>(&event);
             if (request == nullptr) return;
             ++per_second[std::chrono::duration_cast<std::chrono::seconds>(now - begin).count()];
             known.emplace(request->request->value(sip::HeaderId::to));
             const auto contact = std::string(request->request->value(sip::HeaderId::contact));
             static_cast<void>(process.stack.respond(
                 request->id,
                 {.status = 200, .headers = {{"Contact", fmt::format("{};expires={}", contact, expires_s)}}},
                 now));
           },
       .after_drain = {},
       .on_time = {},
       .deadline = {}});
  process.on_question = [&] {
    unsigned peak = 0;
    std::int64_t last = 0;
    for (const auto& [second, count] : per_second) {
      peak = std::max(peak, count);
      last = second;
    }
    fmt::print("registrar: lines {} peak {} a second, last REGISTER after {} s:", known.size(), peak, last);
    for (const auto& [second, count] : per_second) fmt::print(" {}", count);
    fmt::print("\n");
  };
  if (!process.bind(port)) return 1;
  process.run();
  return 0;
}

int hold_lines(std::uint16_t port, std::uint32_t count) {
  Process process;
  std::uint32_t registered = 0;
  std::vector<sip::RegistrationState> states;
  Time begin{};
  process.host.set_hooks({.on_event =
                              [&](sip::Event&& event, Time now) {
                                const auto* changed = std::get_if<sip::RegistrationChanged>(&event);
                                if (changed == nullptr) return;
                                auto& state = states[changed->account.value];
                                if (state == sip::RegistrationState::registered) --registered;
                                state = changed->state;
                                if (state != sip::RegistrationState::registered || ++registered != count)
                                  return;
                                fmt::print("all registered after {:.2f} s\n",
                                           std::chrono::duration<double>(now - begin).count());
                                std::fflush(stdout);
                              },
                          .after_drain = {},
                          .on_time = {},
                          .deadline = {}});
  if (!process.bind(0)) return 1;
  const auto heap_before = mallinfo2().uordblks;
  process.on_question = [&] {
    const auto left = process.stack.counters();
    fmt::print("lines: registered {} heap {:.2f} kB a line, CPU {:.3f} s, wake-ups {}, transactions {}\n",
               registered, static_cast<double>(mallinfo2().uordblks - heap_before) / 1024 / count,
               cpu_seconds(), process.host.wakeups(), left.clients);
  };
  begin = process.host.now();
  states.resize(count + 1);
  // A burst of 10,000 would overflow the registrar's socket, and what is lost would be repeated in step.
  constexpr std::uint32_t per_tick = 20;
  std::uint32_t added = 0;
  asio::steady_timer tick(process.io());
  const std::function<void()> add = [&] {
    const Time now = process.host.now();
    for (std::uint32_t i = 0; i < per_tick && added < count; ++i, ++added)
      process.stack.add_account({.uri = fmt::format("sip:{}@127.0.0.1", 10000 + added),
                                 .server = sip::NextHop{.host = "127.0.0.1", .port = port},
                                 .register_expires = std::chrono::seconds(expires_s),
                                 .register_retry = std::chrono::seconds(retry_s)},
                                now);
    process.host.drain();
    if (added == count) return;
    tick.expires_after(std::chrono::milliseconds(10));
    tick.async_wait([&](const boost::system::error_code& error) {
      if (!error) add();
    });
  };
  process.host.post(add);
  process.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view role = argc > 1 ? argv[1] : "";
  const std::uint16_t port = argc > 2 ? parse_number<std::uint16_t>(argv[2]).value_or(0) : std::uint16_t{0};
  const std::uint32_t count = argc > 3 ? parse_number<std::uint32_t>(argv[3]).value_or(0) : 0;
  if (role == "registrar" && port > 0) return serve(port);
  if (role == "lines" && port > 0 && count > 0) return hold_lines(port, count);
  fmt::print(stderr, "usage: {} registrar PORT | lines PORT COUNT\n", argv[0]);
  return 2;
}
