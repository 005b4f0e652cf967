#include "engine/log_sink.h"

#include <spdlog/details/os.h>

#include "engine/log/log_writer.h"

namespace sidetone::engine {
namespace {

std::uint64_t detail_of(const LogSettings& settings) {
  const bool nowhere = targets_of(settings).empty() && !settings.logger;
  return nowhere ? LogDetail().packed() : settings.detail.packed();
}

// What an item holds beside itself.
std::size_t bytes_of(const LogRecord& record) { return record.text.size() + sizeof(LogItem); }
std::size_t bytes_of(const SipRecord& record) {
  return (record.bytes ? record.bytes->size() : 0) + sizeof(LogItem);
}

}  // namespace

Log::Log(LogSettings settings, const SteadyTime& clock, std::function<void(const Error&)> on_trouble)
    : detail_(detail_of(settings)),
      writer_(std::make_shared<LogWriter>(std::move(settings), clock, std::move(on_trouble))),
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
