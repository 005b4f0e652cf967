#include "engine/log_sink.h"

#include <fmt/format.h>
#include <spdlog/details/os.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <ctime>
#include <mutex>

#include "engine/log_format.h"
#include "engine/log_limit.h"

namespace sidetone::engine {
namespace {

class SpdlogSink final : public LogSink {
 public:
  SpdlogSink(LogSettings settings, const SteadyTime& clock, spdlog::sink_ptr sink)
      : settings_(std::move(settings)),
        clock_(clock),
        logger_("sidetone", std::move(sink)),
        limit_(burst_bytes, settings_.bytes_per_s_max) {
    // The lines come formatted: time of the event, not of the writing.
    logger_.set_formatter(
        std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::local, "\n"));
    logger_.set_level(spdlog::level::trace);
    logger_.flush_on(spdlog::level::info);
  }
  ~SpdlogSink() override { logger_.flush(); }

  [[nodiscard]] bool wants(LogTag, LogLevel level) const override { return level <= settings_.level; }
  [[nodiscard]] bool wants_sip() const override { return settings_.sip_trace; }

  void write(LogRecord record) override {
    if (!wants(record.tag, record.level)) return;
    const auto level = record.level == LogLevel::debug ? spdlog::level::debug : spdlog::level::info;
    if (admits(record.text.size() + lead_in_bytes)) put(level, format_record(record, stamp(record.time)));
  }
  void trace(SipRecord record) override {
    if (wants_sip() && admits(record.bytes->size() + lead_in_bytes))
      put(spdlog::level::info, format_sip(record, stamp(record.time), settings_.rules));
  }

 private:
  static constexpr std::size_t lead_in_bytes = 100;  // time, thread, level, addresses: roughly
  // A day of calls lies within the burst; an hour of the limit is 230 MB at most.
  static constexpr std::uint64_t burst_bytes = 4 << 20;

  bool admits(std::size_t bytes) {
    std::optional<std::string> gap;
    const Time now = clock_.now();
    {
      std::lock_guard lock(limit_mutex_);
      if (!limit_.admits(bytes, now)) return false;
      gap = limit_.take_gap();
    }
    if (gap)
      put(spdlog::level::info,
          format_record({.time = now, .level = LogLevel::warning, .text = std::move(*gap)}, stamp(now)));
    return true;
  }

  void put(spdlog::level::level_enum level, const std::string& text) {
    logger_.log(level, spdlog::string_view_t(text.data(), text.size()));
  }

  [[nodiscard]] LogStamp stamp(Time time) const {
    const auto wall = std::chrono::floor<std::chrono::milliseconds>(clock_.to_wall(time));
    const std::time_t seconds =
        std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(wall));
    const std::tm local = spdlog::details::os::localtime(seconds);
    const auto of_second = wall.time_since_epoch() % std::chrono::seconds(1);
    return {std::chrono::hours(local.tm_hour) + std::chrono::minutes(local.tm_min) +
                std::chrono::seconds(local.tm_sec) + of_second,
            spdlog::details::os::thread_id()};
  }

  const LogSettings settings_;
  const SteadyTime& clock_;
  spdlog::logger logger_;  // its sinks lock
  std::mutex limit_mutex_;
  LogLimit limit_;
};

}  // namespace

Expected<std::unique_ptr<LogSink>> open_log(const LogSettings& settings, const SteadyTime& clock) {
  if (settings.file == "stderr")
    return std::make_unique<SpdlogSink>(settings, clock, std::make_shared<spdlog::sinks::stderr_sink_mt>());
  try {
    return std::make_unique<SpdlogSink>(settings, clock,
                                        std::make_shared<spdlog::sinks::basic_file_sink_mt>(settings.file));
  } catch (const spdlog::spdlog_ex& error) {
    return fail(Layer::engine, Fault::io, fmt::format("log file '{}': {}", settings.file, error.what()),
                "choose a path in a folder that may be written to");
  }
}

}  // namespace sidetone::engine
