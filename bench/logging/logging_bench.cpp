// What the log costs: process CPU time at log_level 4 and at 2, with the records of 200 calls.
//   bench_logging [SECONDS]
//
// Method: one real call of a phone in the embedded lab (registered, dialled, digits by INFO, held, resumed,
// hung up, RTP both ways) gives the records that it writes at level 4, SIP messages, line and call names
// included. They are then written again, to a file with segments and expiry, as 20 calls a second do: 200
// calls at once of ten seconds each, which is more than any phone and most small centres have (200 calls of
// three minutes are one a second). The process does nothing else, so that its CPU time is that of the log: of
// those who write and of the log's thread. Every call has ids of its own. Between two calls the writer
// sleeps, as threads of calls do.
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>
#include <variant>

#include "base/text.h"
#include "engine/log_sink.h"
#include "engine/phone_engine.h"
#include "engine/system_random.h"
#include "labhost/lab.h"
#include "labhost/numbers.h"

namespace {

using namespace sidetone;

constexpr unsigned calls_per_s = 20;
constexpr double percent_max = 3;  // of one core

using Item = std::variant<LogRecord, SipRecord, LogNames>;

// Keeps all that is told.
class Capture final : public LogSink {
 public:
  [[nodiscard]] bool wants(LogTag, LogLevel) const override { return true; }
  [[nodiscard]] bool wants_sip() const override { return true; }
  void write(LogRecord record) override { keep(std::move(record)); }
  void trace(SipRecord record) override { keep(std::move(record)); }
  void name(LogNames names) override { keep(std::move(names)); }
  std::vector<Item> take() {
    std::lock_guard lock(mutex_);
    return std::exchange(items_, {});
  }

 private:
  void keep(Item item) {
    std::lock_guard lock(mutex_);
    items_.push_back(std::move(item));
  }
  std::mutex mutex_;
  std::vector<Item> items_;
};

int give_up(const std::string& text) {
  fmt::print(stderr, "bench_logging: {}\n", text);
  return 1;
}

// A phone's call to the lab's echo, step by step.
class RealCall {
 public:
  Expected<std::vector<Item>> run() {
    if (auto started = lab_.start(); !started) return tl::make_unexpected(started.error());
    engine::PhoneSettings settings;
    endpoint::CoreLine line;
    line.user = "7001";
    line.server_host = lab_.address().ip.to_string();
    line.server_port = lab_.address().port;
    settings.core.lines.push_back(std::move(line));
    settings.core.codecs = *codec::parse_enabled("pcmu,opus");
    settings.core.dtmf_method = DtmfMethod::info;
    settings.sip_port_min = settings.sip_port_max = 0;
    settings.rtp_port_min = 32768;
    settings.rtp_port_max = 60000;
    settings.choose_media = [](const endpoint::OpenMedia&) {
      return engine::MediaChoice{media::FromSilence{}, media::ToNowhere{}};
    };
    phone_ = std::make_unique<engine::PhoneEngine>(io_, std::move(settings), clock_, random_, capture_,
                                                   [this](const Event& event) { on(event); });
    if (auto started = phone_->start(); !started) return tl::make_unexpected(started.error());
    if (!wait([this] { return registered_; })) return fail(Layer::lab, Fault::timeout, "no registration");
    static_cast<void>(capture_.take());  // of a line once, not of each call
    phone_->post(Dial{std::string(lab::echo_dn), {}});
    if (!wait([this] { return call_.state == CallState::connected; }))
      return fail(Layer::lab, Fault::timeout, "no answer");
    phone_->post(SendDtmf{call_.call, "4711"});
    if (!wait([this] { return digits_sent_; })) return fail(Layer::lab, Fault::timeout, "no digits");
    phone_->post(Hold{call_.call});
    if (!wait([this] { return call_.held_by_us; })) return fail(Layer::lab, Fault::timeout, "no hold");
    phone_->post(Resume{call_.call});
    if (!wait([this] { return !call_.held_by_us; })) return fail(Layer::lab, Fault::timeout, "no resume");
    phone_->post(HangUp{call_.call});
    if (!wait([this] { return ended_; })) return fail(Layer::lab, Fault::timeout, "no end");
    auto items = capture_.take();
    phone_.reset();
    lab_.stop();
    return items;
  }

 private:
  template <typename Condition>
  bool wait(Condition condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition() && std::chrono::steady_clock::now() < until) {
      io_.run_one_until(until);
      io_.restart();
    }
    return condition();
  }

  void on(const Event& event) {
    if (const auto* line = std::get_if<LineChanged>(&event))
      registered_ = line->line.state == LineState::ready;
    else if (const auto* added = std::get_if<CallAdded>(&event))
      call_ = added->call;
    else if (const auto* changed = std::get_if<CallChanged>(&event))
      call_ = changed->call;
    else if (std::holds_alternative<DtmfSent>(event))
      digits_sent_ = true;
    else if (std::holds_alternative<CallEnded>(event))
      ended_ = true;
  }

  NullSink no_log_;
  lab::Lab lab_{{Address{IpAddress::loopback_v4(), 0}, {}, {}, true}, no_log_};
  Capture capture_;
  engine::SteadyTime clock_;
  engine::SystemRandom random_;
  boost::asio::io_context io_{1};
  std::unique_ptr<engine::PhoneEngine> phone_;
  CallSnapshot call_;
  bool registered_ = false, digits_sent_ = false, ended_ = false;
};

// The same call with other ids.
std::vector<Item> variant_of(const std::vector<Item>& items, std::uint64_t number) {
  std::vector<Item> out = items;
  std::string call_id;
  for (const auto& item : items)
    if (const auto* names = std::get_if<LogNames>(&item); names != nullptr && !names->call_id.empty())
      call_id = names->call_id;
  const auto new_id = fmt::format("{:0{}}", number, call_id.size());
  for (auto& item : out) {
    if (auto* names = std::get_if<LogNames>(&item)) {
      if (names->session != 0) names->session = number;
      if (names->call != 0) names->call = number;
      if (!names->call_id.empty()) names->call_id = new_id;
    } else if (auto* record = std::get_if<LogRecord>(&item)) {
      if (record->call != 0) record->call = number;
      if (record->session != 0) record->session = number;
    } else if (auto& sip = std::get<SipRecord>(item); sip.bytes && !call_id.empty()) {
      auto bytes = *sip.bytes;
      if (const auto at = bytes.find(call_id); at != std::string::npos)
        bytes.replace(at, call_id.size(), new_id);
      sip.bytes = std::make_shared<const std::string>(std::move(bytes));
    }
  }
  return out;
}

void tell(engine::Log& log, const std::vector<Item>& call, Time now) {
  for (const auto& item : call) {
    if (const auto* record = std::get_if<LogRecord>(&item)) {
      if (!log.wants(record->tag, record->level)) continue;
      auto copy = *record;
      copy.time = now;
      log.write(std::move(copy));
    } else if (const auto* sip = std::get_if<SipRecord>(&item)) {
      if (!log.wants_sip()) continue;
      auto copy = *sip;
      copy.time = now;
      log.trace(std::move(copy));
    } else if (log.wants_sip()) {
      log.name(std::get<LogNames>(item));
    }
  }
}

double cpu_s() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::uintmax_t bytes_in(const std::filesystem::path& folder) {
  std::uintmax_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) bytes += file.file_size();
  return bytes;
}

struct Run {
  double percent = 0;
  std::uintmax_t bytes = 0;
};

Run measure(LogLevel level, const std::vector<std::vector<Item>>& calls, unsigned seconds,
            const std::filesystem::path& folder) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const engine::SteadyTime clock;
  engine::LogSettings settings;
  settings.file = (folder / "phone.log").string();
  settings.detail = engine::LogDetail::up_to(level);
  settings.segments = {{config::LogSegment::Unit::bytes, 10 << 20}, {config::LogExpire::Unit::files, 10}};
  engine::Log log(std::move(settings), clock);
  const auto begun = std::chrono::steady_clock::now();
  const double cpu_before = cpu_s();
  for (unsigned i = 0; i < seconds * calls_per_s; ++i) {
    std::this_thread::sleep_until(begun + i * std::chrono::milliseconds(1000 / calls_per_s));
    tell(log, calls[i % calls.size()], clock.now());
  }
  log.flush();
  const double cpu = cpu_s() - cpu_before;
  return {100 * cpu / seconds, bytes_in(folder)};
}

}  // namespace

int main(int argc, char** argv) {
  const auto seconds = argc > 1 ? parse_number<unsigned>(argv[1]).value_or(0) : 10U;
  if (seconds == 0 || seconds > 3600) return give_up("usage: bench_logging [SECONDS]");
  const auto call = RealCall().run();
  if (!call) return give_up(describe(call.error()));
  std::vector<std::vector<Item>> calls;
  for (unsigned i = 0; i < 200; ++i) calls.push_back(variant_of(*call, 1000 + i));
  const auto messages = std::count_if(
      call->begin(), call->end(), [](const Item& item) { return std::holds_alternative<SipRecord>(item); });
  fmt::print("one call: {} records, {} of them SIP messages; {} calls a second for {} s\n", call->size(),
             messages, calls_per_s, seconds);
  const auto folder =
      std::filesystem::temp_directory_path() / fmt::format("sidetone-bench-logging-{}", ::getpid());
  const auto level_2 = measure(LogLevel::warning, calls, seconds, folder);
  const auto level_4 = measure(LogLevel::debug, calls, seconds, folder);
  std::filesystem::remove_all(folder);
  const double more = level_4.percent - level_2.percent;
  fmt::print("log_level 2: {:.3f} % of a core, {:.1f} kB/s\n", level_2.percent,
             static_cast<double>(level_2.bytes) / 1024 / seconds);
  fmt::print("log_level 4: {:.3f} % of a core, {:.1f} kB/s\n", level_4.percent,
             static_cast<double>(level_4.bytes) / 1024 / seconds);
  fmt::print(
      "level 4 costs {:.3f} % of a core more with 200 calls of 10 s each, {:.3f} % with 200 of three "
      "minutes; "
      "allowed: {} %\n",
      more, more * 10 / 180, percent_max);
  return more < percent_max ? 0 : 1;
}
