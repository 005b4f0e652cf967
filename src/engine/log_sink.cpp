#include "engine/log_sink.h"

#include <fmt/format.h>
#include <spdlog/details/os.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <csignal>
#include <cstdlib>
#include <future>
#include <thread>

#include "engine/log/log_header.h"
#include "engine/log/log_names.h"
#include "engine/log/log_queue.h"
#include "engine/log/log_targets.h"
#include "engine/log/segment_sink.h"
#include "engine/log/sip_histories.h"
#include "engine/log_format.h"
#include "engine/log_limit.h"

namespace sidetone::engine {
namespace {

std::string home_folder() {
  const char* home = std::getenv("HOME");
  return home != nullptr ? home : ".";
}

std::vector<LogTarget> targets_of(const LogSettings& settings) {
  auto targets = parse_log_targets(settings.file, home_folder());
  if (!settings.paths_allowed)
    std::erase_if(targets, [](const auto& target) { return target.kind == LogTarget::Kind::file; });
  return targets;
}

// Files begin anew when one of these changes.
bool same_targets(const LogSettings& a, const LogSettings& b) {
  return targets_of(a) == targets_of(b) && a.segments == b.segments && a.time.utc == b.time.utc;
}

std::uint64_t detail_of(const LogSettings& settings) {
  const bool nowhere = targets_of(settings).empty() && !settings.logger;
  return nowhere ? LogDetail().packed() : settings.detail.packed();
}

}  // namespace

// All that the log's thread has. It lives as long as that thread, which may be stuck in a target for longer
// than the Log itself.
class Log::Writer {
 public:
  Writer(LogSettings settings, const SteadyTime& clock, std::function<void(const Error&)> on_trouble)
      : clock_(clock),
        settings_(std::make_shared<const LogSettings>(std::move(settings))),
        on_trouble_(std::move(on_trouble)),
        disk_(system_log_disk()),
        facts_(read_header_facts(settings_->application, now())),
        time_(settings_->time),
        limit_(burst_bytes, settings_->bytes_per_s_max) {
    open_targets();
  }

  // From here on nobody is told of troubles: whom they would be told is going.
  void abandon() {
    std::lock_guard lock(told_mutex_);
    on_trouble_ = {};
  }
  [[nodiscard]] std::future<void> finished() { return finished_.get_future(); }
  [[nodiscard]] const std::optional<Error>& first_trouble() const { return first_trouble_; }

  void run() {
    ignore_broken_pipes();
    LogQueue::Batch batch;
    for (bool over = false; !over; over = batch.over) {
      queue.take(batch);
      // A call's first message is there before its user has given it a number: names come first.
      for (const auto& item : batch.items)
        if (const auto* names = std::get_if<LogNames>(&item.what)) book_.learn(*names);
      if (batch.dropped > 0)
        notice(LogLevel::warning, fmt::format("{} records are not in this log: they came faster than they "
                                              "could be written",
                                              batch.dropped));
      for (auto& item : batch.items) take_safely(item);
      for (const auto& sink : sinks_) sink->flush();
      tell_trouble();
      queue.done(batch.flushes);
    }
    finished_.set_value();
  }

  LogQueue queue;

 private:
  // A day of calls lies within the burst; an hour of the limit is 230 MB at most.
  static constexpr std::uint64_t burst_bytes = 4 << 20;

  [[nodiscard]] Moment now() const { return {clock_.now(), std::chrono::system_clock::now()}; }

  // Of stdout and stderr: they must not end the process. The signal is one of the thread that writes.
  static void ignore_broken_pipes() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  }

  void open_targets() {
    sinks_.clear();
    files_.clear();
    for (const auto& target : targets_of(*settings_)) {
      if (target.kind == LogTarget::Kind::file) {
        open_file(target.path);
        continue;
      }
      if (target.kind == LogTarget::Kind::out)
        sinks_.push_back(std::make_shared<spdlog::sinks::stdout_sink_st>());
      else
        sinks_.push_back(std::make_shared<spdlog::sinks::stderr_sink_st>());
      // The texts come formatted, with their line ends: time of the event, not of the writing.
      sinks_.back()->set_formatter(
          std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::local, std::string()));
      put_to(*sinks_.back(), preamble("", now()));
    }
  }

  void open_file(const std::string& path) {
    SegmentedFile file(path, settings_->segments, settings_->time.utc, *disk_,
                       [this](const std::string& name, Moment at) { return preamble(name, at); });
    auto sink = std::make_shared<SegmentSink>(std::move(file), clock_);
    if (const auto opened = sink->file().open(now()); !opened && !first_trouble_)
      first_trouble_ = opened.error();
    files_.push_back(sink.get());
    sinks_.push_back(std::move(sink));
  }

  // What every file begins with.
  std::string preamble(const std::string& file, Moment at) const {
    auto text = log_header(facts_, file, at);
    text += fmt::format("*** Log classes:   {}\n", settings_->detail.text());
    if (!settings_->configuration.empty())
      text += "*** Configuration:\n" + redacted(settings_->configuration, settings_->rules);
    return text;
  }

  // What an application's Logger throws, or want of memory, costs a record.
  void take_safely(LogItem& item) {
    try {
      std::visit([&](auto& what) { take(what, item.thread); }, item.what);
    } catch (const std::exception&) {
    }
  }

  void take(LogRecord& record, std::uint64_t thread) {
    book_.complete(record);
    if (record.tag == LogTag::report && record.call != 0)  // its end
      if (const auto history = histories_.take(record.call); !history.empty())
        record.text += "\n  SIP:" + history;
    record.text = redacted(record.text, settings_->rules);
    if (!admits(record.tag, record.text.size())) return;
    put(format_record(record, {time_.text(clock_.to_wall(record.time)), thread}) + "\n");
    if (settings_->logger)
      hand_over(record.level, record.tag, {record.line, record.call}, record.time, thread,
                record.tag == LogTag::report ? record.text : on_one_line(record.text));
  }
  void take(SipRecord& record, std::uint64_t thread) {
    if (!record.bytes) return;
    const auto name = book_.of_call_id(call_id_in(*record.bytes));
    histories_.add(name.call, record);
    if (!admits(LogTag::sip, record.bytes->size())) return;
    put(format_sip(record, {time_.text(clock_.to_wall(record.time)), thread}, name, settings_->rules));
    if (settings_->logger)
      hand_over(LogLevel::info, LogTag::sip, name, record.time, thread, sip_text(record, settings_->rules));
  }
  void take(LogNames&, std::uint64_t) {}  // run() has learnt them
  void take(std::shared_ptr<const LogSettings>& settings, std::uint64_t) {
    const auto before = std::exchange(settings_, std::move(settings));
    time_ = LogTimeWriter(settings_->time);
    if (before->bytes_per_s_max != settings_->bytes_per_s_max)
      limit_ = LogLimit(burst_bytes, settings_->bytes_per_s_max);
    if (!same_targets(*before, *settings_)) {
      for (const auto& sink : sinks_) sink->flush();
      return open_targets();
    }
    if (before->detail != settings_->detail)
      notice(LogLevel::info, "log classes are now " + settings_->detail.text());
    if (before->configuration != settings_->configuration)
      notice(LogLevel::info, "the configuration has changed:\n" + settings_->configuration);
  }

  void notice(LogLevel level, std::string text) {
    LogRecord record{.time = clock_.now(), .level = level, .tag = LogTag::report, .text = std::move(text)};
    take(record, spdlog::details::os::thread_id());
  }

  // What the log tells by itself is little, and is not to be missed.
  bool admits(LogTag tag, std::size_t bytes) {
    constexpr std::size_t lead_in_bytes = 100;  // time, thread, level, addresses: roughly
    if (tag == LogTag::report) return true;
    if (!limit_.admits(bytes + lead_in_bytes, clock_.now())) return false;
    if (auto gap = limit_.take_gap()) notice(LogLevel::warning, std::move(*gap));
    return true;
  }

  void put(const std::string& text) {
    for (const auto& sink : sinks_) put_to(*sink, text);
  }

  static void put_to(spdlog::sinks::sink& sink, const std::string& text) {
    try {
      sink.log({spdlog::log_clock::time_point{}, spdlog::source_loc{}, spdlog::string_view_t{},
                spdlog::level::info, spdlog::string_view_t(text.data(), text.size())});
    } catch (const std::exception&) {  // stdout or stderr is closed: there is nobody to tell
    }
  }

  void hand_over(LogLevel level, LogTag tag, const LogNameBook::Name& name, Time time, std::uint64_t thread,
                 std::string text) const {
    LogLine line;
    line.level = static_cast<int>(level);
    line.component = to_string(tag);
    if (name.line) line.line = LineId{static_cast<std::uint8_t>(*name.line)};
    line.call = CallId{name.call};
    line.time = clock_.to_wall(time);
    line.thread = thread;
    line.text = std::move(text);
    settings_->logger->write(line);
  }

  void tell_trouble() {
    for (auto* file : files_) {
      const auto trouble = file->file().take_trouble();
      if (!trouble) continue;
      fmt::print(stderr, "sidetone: {}\n", describe(*trouble));
      std::lock_guard lock(told_mutex_);
      if (on_trouble_) on_trouble_(*trouble);
    }
  }

  const SteadyTime clock_;  // of its own
  std::shared_ptr<const LogSettings> settings_;
  std::mutex told_mutex_;
  std::function<void(const Error&)> on_trouble_;
  std::unique_ptr<LogDisk> disk_;
  LogHeaderFacts facts_;
  LogTimeWriter time_;
  LogLimit limit_;
  LogNameBook book_;
  SipHistories histories_;
  std::vector<spdlog::sink_ptr> sinks_;
  std::vector<SegmentSink*> files_;  // those of sinks_ that are
  std::optional<Error> first_trouble_;
  std::promise<void> finished_;
};

namespace {

// What an item holds beside itself.
std::size_t bytes_of(const LogRecord& record) { return record.text.size() + sizeof(LogItem); }
std::size_t bytes_of(const SipRecord& record) {
  return (record.bytes ? record.bytes->size() : 0) + sizeof(LogItem);
}

}  // namespace

Log::Log(LogSettings settings, const SteadyTime& clock, std::function<void(const Error&)> on_trouble)
    : detail_(detail_of(settings)),
      writer_(std::make_shared<Writer>(std::move(settings), clock, std::move(on_trouble))),
      first_trouble_(writer_->first_trouble()) {}

Log::~Log() {
  if (!thread_.joinable()) return;
  writer_->queue.end();
  constexpr auto patience = std::chrono::seconds(2);
  const bool finished = finished_.wait_for(patience) == std::future_status::ready;
  if (finished) thread_.join();
  if (finished) return;
  writer_->abandon();
  thread_.detach();  // it has its share of the writer
}

// The first record begins the thread: a phone without a log has none.
void Log::begin() {
  std::call_once(begun_, [this] {
    finished_ = writer_->finished();
    thread_ = std::thread([writer = writer_] { writer->run(); });
  });
}

void Log::put(LogItem item, std::size_t bytes, bool urgent) {
  begin();
  writer_->queue.put(std::move(item), bytes, urgent);
}

void Log::write(LogRecord record) {
  if (!wants(record.tag, record.level)) return;
  const auto bytes = bytes_of(record);
  const bool urgent = record.level <= LogLevel::error;
  put({std::move(record), spdlog::details::os::thread_id()}, bytes, urgent);
}

void Log::trace(SipRecord record) {
  if (!wants_sip()) return;
  const auto bytes = bytes_of(record);
  put({std::move(record), spdlog::details::os::thread_id()}, bytes, false);
}

void Log::name(LogNames names) {
  if (detail_.load(std::memory_order_relaxed) == 0) return;
  const auto bytes = names.call_id.size() + sizeof(LogItem);
  put({std::move(names), 0}, bytes, false);
}

void Log::reconfigure(LogSettings settings) {
  detail_.store(detail_of(settings), std::memory_order_relaxed);
  put({std::make_shared<const LogSettings>(std::move(settings)), 0}, 0, true);
}

bool Log::flush() {
  begin();
  constexpr auto patience = std::chrono::seconds(2);
  return writer_->queue.flush(patience);
}

Expected<std::unique_ptr<Log>> open_log(const LogSettings& settings, const SteadyTime& clock) {
  auto log = std::make_unique<Log>(settings, clock);
  if (const auto& trouble = log->first_trouble()) return tl::make_unexpected(*trouble);
  return log;
}

}  // namespace sidetone::engine
