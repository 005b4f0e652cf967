#include "engine/log/log_writer.h"

#include <fmt/format.h>
#include <spdlog/details/os.h>

#include <csignal>
#include <cstdlib>

#include "engine/log_format.h"

namespace sidetone::engine {
namespace {

// A day of calls lies within the burst; an hour of the limit is 230 MB at most.
constexpr std::uint64_t burst_bytes = 4 << 20;

std::string home_folder() {
  const char* home = std::getenv("HOME");
  return home != nullptr ? home : ".";
}

// Files begin anew when one of these changes.
bool same_targets(const LogSettings& a, const LogSettings& b) {
  return targets_of(a) == targets_of(b) && a.segments == b.segments && a.time.utc == b.time.utc;
}

// Of stdout and stderr: they must not end the process. The signal is one of the thread that writes.
void ignore_broken_pipes() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

std::vector<LogTarget> targets_of(const LogSettings& settings) {
  auto targets = parse_log_targets(settings.file, home_folder());
  if (!settings.paths_allowed)
    std::erase_if(targets, [](const auto& target) { return target.kind == LogTarget::Kind::file; });
  return targets;
}

LogWriter::LogWriter(LogSettings settings, const SteadyTime& clock,
                     std::function<void(const Error&)> on_trouble)
    : clock_(clock),
      settings_(std::make_shared<const LogSettings>(std::move(settings))),
      on_trouble_(std::move(on_trouble)),
      facts_(read_header_facts(settings_->application, {clock_.now(), std::chrono::system_clock::now()})),
      time_(settings_->time),
      limit_(burst_bytes, settings_->bytes_per_s_max),
      outputs_(clock_, [this](const std::string& file, Moment at) { return preamble(file, at); }),
      first_trouble_(open_targets()) {}

std::optional<Error> LogWriter::open_targets() {
  return outputs_.open(targets_of(*settings_), settings_->segments, settings_->time.utc);
}

void LogWriter::abandon() {
  std::lock_guard lock(told_mutex_);
  on_trouble_ = {};
}

void LogWriter::run() {
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
    outputs_.flush();
    tell_troubles();
    queue.done(batch.flushes);
  }
  finished_.set_value();
}

// What every file begins with.
std::string LogWriter::preamble(const std::string& file, Moment at) const {
  auto text = log_header(facts_, file, at);
  text += fmt::format("*** Log classes:   {}\n", settings_->detail.text());
  if (!settings_->configuration.empty())
    text += "*** Configuration:\n" + redacted(settings_->configuration, settings_->rules);
  return text;
}

// What an application's Logger throws, or want of memory, costs a record.
void LogWriter::take_safely(LogItem& item) {
  try {
    std::visit([&](auto& what) { take(what, item.thread); }, item.what);
    // NOLINTNEXTLINE(bugprone-empty-catch): it costs that record
  } catch (const std::exception&) {
  }
}

void LogWriter::take(LogRecord& record, std::uint64_t thread) {
  book_.complete(record);
  if (record.tag == LogTag::report && record.call != 0)  // its end
    if (const auto history = histories_.take(record.call); !history.empty())
      record.text += "\n  SIP:" + history;
  record.text = redacted(record.text, settings_->rules);
  if (!admits(record.tag, record.text.size())) return;
  outputs_.put(format_record(record, {time_.text(clock_.to_wall(record.time)), thread}) + "\n");
  if (settings_->logger)
    hand_over(record.level, record.tag, {record.line, record.call}, record.time, thread,
              record.tag == LogTag::report ? record.text : on_one_line(record.text));
}

void LogWriter::take(SipRecord& record, std::uint64_t thread) {
  if (!record.bytes) return;
  const auto name = book_.of_call_id(call_id_in(*record.bytes));
  histories_.add(name.call, record);
  if (!admits(LogTag::sip, record.bytes->size())) return;
  outputs_.put(format_sip(record, {time_.text(clock_.to_wall(record.time)), thread}, name, settings_->rules));
  if (settings_->logger)
    hand_over(LogLevel::info, LogTag::sip, name, record.time, thread, sip_text(record, settings_->rules));
}

void LogWriter::take(std::shared_ptr<const LogSettings>& settings, std::uint64_t) {
  const auto before = std::exchange(settings_, std::move(settings));
  time_ = LogTimeWriter(settings_->time);
  if (before->bytes_per_s_max != settings_->bytes_per_s_max)
    limit_ = LogLimit(burst_bytes, settings_->bytes_per_s_max);
  if (!same_targets(*before, *settings_)) {
    open_targets();  // what cannot be opened is tried again, and told as a trouble
    return;
  }
  if (before->detail != settings_->detail)
    notice(LogLevel::info, "log classes are now " + settings_->detail.text());
  if (before->configuration != settings_->configuration)
    notice(LogLevel::info, "the configuration has changed:\n" + settings_->configuration);
}

void LogWriter::notice(LogLevel level, std::string text) {
  LogRecord record{.time = clock_.now(), .level = level, .tag = LogTag::report, .text = std::move(text)};
  take(record, spdlog::details::os::thread_id());
}

// What the log tells by itself is little, and is not to be missed.
bool LogWriter::admits(LogTag tag, std::size_t bytes) {
  constexpr std::size_t lead_in_bytes = 100;  // time, thread, level, addresses: roughly
  if (tag == LogTag::report) return true;
  if (!limit_.admits(bytes + lead_in_bytes, clock_.now())) return false;
  if (auto gap = limit_.take_gap()) notice(LogLevel::warning, std::move(*gap));
  return true;
}

void LogWriter::hand_over(LogLevel level, LogTag tag, const LogNameBook::Name& name, Time time,
                          std::uint64_t thread, std::string text) const {
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

void LogWriter::tell_troubles() {
  for (const auto& trouble : outputs_.take_troubles()) {
    fmt::print(stderr, "sidetone: {}\n", describe(trouble));
    std::lock_guard lock(told_mutex_);
    if (on_trouble_) on_trouble_(trouble);
  }
}

}  // namespace sidetone::engine
