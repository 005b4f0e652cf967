// A user agent client on our own stack that loads a server at a set rate, as SIPp's built-in client does, and
// goes on where that ends.
//   sip_load PORT RATE SECONDS [calls|options|busy] [HOLD_MS]
// Open loop: requests leave when they are due, however late the answers are, so that a slow server cannot
// slow down its own test. Prints one line of figures; exits with 1 when something failed.
//   calls    INVITE, 200, ACK, HOLD_MS later BYE and 200
//   options  OPTIONS and its answer: one non-INVITE transaction
//   busy     INVITE, 486, ACK: one INVITE transaction
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <unordered_map>
#include <vector>

#include "base/text.h"
#include "engine/sip_host.h"
#include "engine/system_random.h"

namespace {

using namespace sidetone;
namespace asio = boost::asio;

enum class Mode : std::uint8_t { calls, options, busy };

struct Order {
  std::uint16_t port = 0;
  double rate = 0;
  double seconds = 0;
  Mode mode = Mode::calls;
  Duration hold{0};
};

const char description[] =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 9002 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double milliseconds(Duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

class Load {
 public:
  Load(asio::io_context& io, Order order)
      : io_(io),
        order_(order),
        stack_(settings(), random_, log_),
        host_(io, stack_, clock_, {}, log_),
        tick_(io) {
    host_.set_hooks({.on_event = [this](sip::Event&& event, Time now) { on(event, now); },
                     .after_drain = {},
                     .on_time = {},
                     .deadline = {}});
  }

  Expected<void> bind() {
    const auto bound = host_.bind_udp({IpAddress::loopback_v4(), 0});
    if (!bound) return tl::make_unexpected(bound.error());
    return {};
  }
  int run() {
    response_ms_.reserve(static_cast<std::size_t>(order_.rate * order_.seconds) + 1);
    begin_ = host_.now();
    tick();
    io_.run();
    return report();
  }

 private:
  // Finished transactions stay for 32 s (timers D, M): at any rate that one core can do.
  static sip::StackSettings settings() {
    sip::StackSettings settings;
    settings.timers.transactions_max = 4'000'000;
    settings.sessions_max = 1'000'000;
    return settings;
  }

  void tick() {
    const Time now = host_.now();
    const Duration since = now - begin_;
    const auto due = static_cast<std::uint64_t>(
        std::min(std::chrono::duration<double>(since).count(), order_.seconds) * order_.rate);
    for (; started_ < due; ++started_) start(now);
    for (; !held_.empty() && held_.front().first <= now; held_.pop_front())
      static_cast<void>(stack_.end(held_.front().second, {}, now));
    host_.drain();
    const bool all_started = std::chrono::duration<double>(since).count() >= order_.seconds;
    // Timers B and F end what gets no answer.
    if (all_started && open_.empty() && asked_.empty()) return io_.stop();
    tick_.expires_after(std::chrono::milliseconds(1));
    tick_.async_wait([this](const boost::system::error_code& error) {
      if (!error) tick();
    });
  }

  void start(Time now) {
    const auto target =
        fmt::format("sip:{}@127.0.0.1:{}", order_.mode == Mode::busy ? "busy" : "bench", order_.port);
    if (order_.mode == Mode::options) {
      const auto id = stack_.request(
          sip::OutgoingRequest{.method = sip::Method::options, .target = target, .from_uri = from}, now);
      if (id)
        asked_.emplace(*id, now);
      else
        ++failed_;
      return;
    }
    const auto id = stack_.invite({.target = target, .sdp = description, .from_uri = from}, now);
    if (id)
      open_.emplace(*id, now);
    else
      ++failed_;
    live_max_ = std::max(live_max_, open_.size());
  }

  void on(const sip::Event& event, Time now) {
    if (const auto* accepted = std::get_if<sip::Accepted>(&event)) {
      note_response(open_, accepted->session, now);
      if (order_.hold == Duration::zero())
        static_cast<void>(stack_.end(accepted->session, {}, now));
      else
        held_.emplace_back(now + order_.hold, accepted->session);
    } else if (const auto* ended = std::get_if<sip::SessionEnded>(&event)) {
      if (order_.mode == Mode::busy) note_response(open_, ended->session, now);
      // A BYE without answer, or a made-up one, has no message.
      const bool well = order_.mode == Mode::busy ? ended->status == 486
                                                  : ended->cause == sip::EndCause::bye_sent &&
                                                        ended->message && ended->message->status() == 200;
      ++(well ? done_ : failed_);
      open_.erase(ended->session);
    } else if (const auto* finished = std::get_if<sip::RequestFinished>(&event)) {
      note_response(asked_, finished->id, now);
      ++(finished->status == 200 ? done_ : failed_);
      asked_.erase(finished->id);
    }
  }

  template <typename Id>
  void note_response(const std::unordered_map<Id, Time>& started, Id id, Time now) {
    if (const auto at = started.find(id); at != started.end())
      response_ms_.push_back(static_cast<float>(milliseconds(now - at->second)));
  }

  [[nodiscard]] double percentile(double share) const {
    if (response_ms_.empty()) return 0;
    return response_ms_[static_cast<std::size_t>(share * static_cast<double>(response_ms_.size() - 1))];
  }

  int report() {
    std::sort(response_ms_.begin(), response_ms_.end());
    const auto counters = stack_.counters();
    fmt::print(
        "rate {} started {} done {} failed {} retransmitted {} live {} response ms 50% {:.2f} 95% {:.2f} 99% "
        "{:.2f} "
        "max {:.2f} client us {:.1f}\n",
        order_.rate, started_, done_, failed_, counters.retransmissions, live_max_, percentile(0.5),
        percentile(0.95), percentile(0.99), percentile(1),
        cpu_seconds() * 1e6 / static_cast<double>(std::max<std::uint64_t>(started_, 1)));
    return failed_ == 0 && done_ == started_ ? 0 : 1;
  }

  static constexpr const char* from = "sip:load@127.0.0.1";

  asio::io_context& io_;
  Order order_;
  engine::SteadyTime clock_;
  engine::SystemRandom random_;
  NullSink log_;
  sip::Stack stack_;
  engine::SipHost host_;
  asio::steady_timer tick_;
  Time begin_;
  std::uint64_t started_ = 0, done_ = 0, failed_ = 0;
  std::size_t live_max_ = 0;
  std::unordered_map<sip::SessionId, Time> open_;
  std::unordered_map<sip::ClientRequestId, Time> asked_;
  std::deque<std::pair<Time, sip::SessionId>> held_;  // all are held equally long, so it is sorted
  std::vector<float> response_ms_;
};

std::optional<Order> read_order(int argc, char** argv) {
  if (argc < 4) return std::nullopt;
  Order order;
  const auto port = parse_number<std::uint16_t>(argv[1]);
  const auto rate = parse_number<std::uint32_t>(argv[2]);
  const auto seconds = parse_number<std::uint32_t>(argv[3]);
  if (!port || !rate || *rate == 0 || !seconds) return std::nullopt;
  order.port = *port;
  order.rate = *rate;
  order.seconds = *seconds;
  const std::string_view mode = argc > 4 ? argv[4] : "calls";
  if (mode == "options")
    order.mode = Mode::options;
  else if (mode == "busy")
    order.mode = Mode::busy;
  else if (mode != "calls")
    return std::nullopt;
  if (argc > 5) order.hold = std::chrono::milliseconds(parse_number<std::uint32_t>(argv[5]).value_or(0));
  return order;
}

}  // namespace

int main(int argc, char** argv) {
  const auto order = read_order(argc, argv);
  if (!order) {
    fmt::print(stderr, "usage: {} PORT RATE SECONDS [calls|options|busy] [HOLD_MS]\n", argv[0]);
    return 2;
  }
  asio::io_context io(1);
  Load load(io, *order);
  if (const auto bound = load.bind(); !bound) {
    fmt::print(stderr, "{}\n", describe(bound.error()));
    return 2;
  }
  return load.run();
}
