// How long an agent's desktop waits for the phone: from the NOTIFY "talk" to the 200 of the INVITE.
//   bench_notify_talk [CALLS]
//
// Method: a whole phone (engine, media thread, sockets, no sound card) and a server on a socket of its own,
// on loopback. The server calls, waits until it rings, sends NOTIFY, and hangs up. "Inside" is from the
// moment that the phone's transport has the NOTIFY to the moment that it gives the 200 to its socket;
// "server" is what the server sees, with both ways through the kernel.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/phone_engine.h"
#include "engine/system_random.h"

namespace {

using namespace sidetone;
using Clock = std::chrono::steady_clock;

constexpr double goal_ms = 2;

double ms(Clock::duration span) { return std::chrono::duration<double, std::milli>(span).count(); }

bool is_answer_to(std::string_view bytes, std::string_view method) {
  const auto cseq = bytes.find("CSeq: ");
  const auto end = bytes.find("\r\n", cseq);
  return bytes.starts_with("SIP/2.0 200") && cseq != std::string_view::npos &&
         bytes.substr(cseq, end - cseq).find(method) != std::string_view::npos;
}

// Sees each message when it comes and when it goes. On the engine's thread; read when that one is done.
class Stopwatch final : public LogSink {
 public:
  [[nodiscard]] bool wants(LogTag, LogLevel) const override { return false; }
  [[nodiscard]] bool wants_sip() const override { return true; }
  void write(LogRecord) override {}
  void name(LogNames) override {}
  void trace(SipRecord record) override {
    if (record.direction == SipDirection::in && record.bytes->starts_with("NOTIFY")) begun_ = Clock::now();
    if (record.direction == SipDirection::out && begun_ && is_answer_to(*record.bytes, "INVITE")) {
      spans.push_back(ms(Clock::now() - *begun_));
      begun_.reset();
    }
  }
  std::vector<double> spans;

 private:
  std::optional<Clock::time_point> begun_;
};

class Server {
 public:
  Server() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    static_cast<void>(::bind(socket_, reinterpret_cast<sockaddr*>(&own), sizeof own));
    socklen_t size = sizeof own;
    static_cast<void>(::getsockname(socket_, reinterpret_cast<sockaddr*>(&own), &size));
    port = ntohs(own.sin_port);
  }
  ~Server() { ::close(socket_); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // One call; what the server waited for the 200, or nothing when an answer did not come.
  std::optional<double> call(int number, std::uint16_t phone) {
    const std::string sdp = fmt::format(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {} RTP/AVP 0\r\n",
        port);
    send(phone, number, "INVITE", 1, "",
         fmt::format("Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{}", sdp.size(), sdp));
    const auto ringing = wait("SIP/2.0 180", "INVITE");
    if (!ringing) return std::nullopt;
    const auto at = ringing->find("To:");
    const auto line = ringing->substr(at, ringing->find("\r\n", at) - at);
    const auto tag = line.substr(line.find(";tag="));
    // The ports of its media are open now: a person takes longer.
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    const auto begun = Clock::now();
    send(phone, number, "NOTIFY", 2, tag,
         "Event: talk\r\nSubscription-State: active\r\nContent-Length: 0\r\n\r\n");
    if (!wait("SIP/2.0 200", "INVITE")) return std::nullopt;
    const auto took = ms(Clock::now() - begun);
    send(phone, number, "ACK", 1, tag, "Content-Length: 0\r\n\r\n");
    send(phone, number, "BYE", 3, tag, "Content-Length: 0\r\n\r\n");
    if (!wait("SIP/2.0 200", "BYE")) return std::nullopt;
    return took;
  }

  std::uint16_t port = 0;

 private:
  void send(std::uint16_t phone, int number, std::string_view method, int cseq, std::string_view tag,
            std::string_view rest) {
    const auto text = fmt::format(
        "{0} sip:7001@127.0.0.1:{1} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{2};branch=z9hG4bKb{3}-{4}{0}\r\n"
        "Max-Forwards: 70\r\nFrom: <sip:server@127.0.0.1>;tag=s{3}\r\nTo: <sip:7001@127.0.0.1>{5}\r\n"
        "Call-ID: bench-{3}\r\nCSeq: {4} {0}\r\nContact: <sip:server@127.0.0.1:{2}>\r\n{6}",
        method, phone, port, number, cseq, tag, rest);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(phone);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    static_cast<void>(
        ::sendto(socket_, text.data(), text.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to));
  }
  std::optional<std::string> wait(std::string_view start, std::string_view method) {
    const auto until = Clock::now() + std::chrono::seconds(2);
    while (Clock::now() < until) {
      pollfd ready{socket_, POLLIN, 0};
      if (::poll(&ready, 1, 100) <= 0) continue;
      char bytes[8192];
      const auto size = ::recv(socket_, bytes, sizeof bytes, 0);
      if (size <= 0) continue;
      std::string text(bytes, static_cast<std::size_t>(size));
      if (!text.starts_with(start)) continue;
      const auto cseq = text.find("CSeq: ");
      if (text.substr(cseq, text.find("\r\n", cseq) - cseq).find(method) != std::string::npos) return text;
    }
    return std::nullopt;
  }

  int socket_;
};

double at(std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

void print(std::string_view what, std::vector<double>& spans) {
  std::sort(spans.begin(), spans.end());
  fmt::print("  {:<28} median {:.3f} ms, 99 of 100 {:.3f} ms, longest {:.3f} ms\n", what, at(spans, 0.5),
             at(spans, 0.99), spans.back());
}

}  // namespace

int main(int argc, char** argv) {
  const int calls = argc > 1 ? std::max(1, std::atoi(argv[1])) : 300;
  Server server;
  Stopwatch stopwatch;
  engine::SteadyTime clock;
  engine::SystemRandom random;
  boost::asio::io_context io{1};
  engine::PhoneSettings settings;
  endpoint::CoreLine line;
  line.user = "7001";
  line.server_host = "127.0.0.1";
  line.server_port = server.port;
  line.register_expires = std::chrono::seconds(0);
  settings.core.lines.push_back(std::move(line));
  settings.core.codecs = *codec::parse_enabled("opus,pcmu,pcma");
  settings.sip_port_min = settings.sip_port_max = 0;
  settings.rtp_port_min = 32768;
  settings.rtp_port_max = 60000;
  settings.choose_media = [](const endpoint::OpenMedia&) {
    return engine::MediaChoice{media::FromSilence{}, media::ToNowhere{}};
  };
  std::vector<double> seen;
  bool failed = false;
  {
    engine::PhoneEngine phone(io, std::move(settings), clock, random, stopwatch, [](const Event&) {});
    if (const auto started = phone.start(); !started) {
      fmt::print(stderr, "bench_notify_talk: {}\n", describe(started.error()));
      return 1;
    }
    const auto port = phone.local_address(0).port;
    auto work = boost::asio::make_work_guard(io);
    std::thread thread([&io] { io.run(); });
    for (int i = 0; i < calls && !failed; ++i) {
      if (const auto took = server.call(i, port))
        seen.push_back(*took);
      else
        failed = true;
    }
    work.reset();
    io.stop();
    thread.join();
  }
  if (failed || seen.empty() || stopwatch.spans.size() != seen.size()) {
    fmt::print(stderr, "bench_notify_talk: call {} was not answered\n", seen.size());
    return 1;
  }
  fmt::print("NOTIFY talk to 200 of the INVITE, {} calls\n", calls);
  print("inside the phone", stopwatch.spans);
  print("as the server sees it", seen);
  const auto median = at(stopwatch.spans, 0.5);
  fmt::print("  goal: median below {} ms: {}\n", goal_ms, median < goal_ms ? "held" : "MISSED");
  return median < goal_ms ? 0 : 1;
}
