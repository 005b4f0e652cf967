#include "engine/log_settings.h"

#include <fmt/format.h>

#include "config/dump.h"

namespace sidetone::engine {
namespace {

// A phone in a fight with its server writes 64 kB per second, some eighty SIP messages; a working one far
// less.
constexpr std::uint64_t log_bytes_per_s_max = 64 << 10;

template <typename T>
Expected<T> option_value(std::string_view name, const std::string& text) {
  const auto* option = config::find_option(fmt::format("system.diagnostics.{}", name));
  auto value = config::parse_value(*option, text);
  if (!value)
    return fail(Layer::config, Fault::range, fmt::format("{}: {}", name, value.error().text),
                value.error().remedy);
  return std::get<T>(*value);
}

Expected<void> override_time(const EndpointSettings& given, LogTimeForm& time) {
  if (!given.log_time_convert.empty()) {
    const auto convert = option_value<std::string>("log_time_convert", given.log_time_convert);
    if (!convert) return tl::make_unexpected(convert.error());
    time.utc = *convert == "utc";
  }
  if (given.log_time_format.empty()) return {};
  const auto format = option_value<std::string>("log_time_format", given.log_time_format);
  if (!format) return tl::make_unexpected(format.error());
  time.format = *format == "time"     ? LogTimeForm::Format::time
                : *format == "locale" ? LogTimeForm::Format::locale
                                      : LogTimeForm::Format::iso8601;
  return {};
}

Expected<void> override_segments(const EndpointSettings& given, SegmentRules& rules) {
  if (!given.log_file.empty()) rules.segment = {};  // the very file that was named
  if (!given.log_segment.empty()) {
    const auto segment = option_value<config::LogSegment>("log_segment", given.log_segment);
    if (!segment) return tl::make_unexpected(segment.error());
    rules.segment = *segment;
  }
  if (given.log_expire.empty()) return {};
  const auto expire = option_value<config::LogExpire>("log_expire", given.log_expire);
  if (!expire) return tl::make_unexpected(expire.error());
  rules.expire = *expire;
  return {};
}

// Without a file the log has all parts at one level, unless an option was set by itself.
bool says_detail(const config::Configuration& configuration) {
  for (const auto* name : {"log_level", "log_options_endpoint", "log_options_provider"})
    if (configuration.is_set(fmt::format("system.diagnostics.{}", name))) return true;
  return false;
}

Expected<void> override_detail(const EndpointSettings& given, bool by_options, LogDetail& detail) {
  if (given.log_level) {
    if (*given.log_level < 0 || *given.log_level > 4)
      return fail(Layer::config, Fault::range, fmt::format("log_level {} is not known", *given.log_level),
                  "take 0 (fatal) to 4 (debug)");
    detail = LogDetail::up_to(static_cast<LogLevel>(*given.log_level));
  } else if (!by_options) {
    detail = LogDetail::up_to(LogLevel::info);
  }
  if (given.log_debug) detail = LogDetail::up_to(LogLevel::debug);
  return {};
}

}  // namespace

Expected<LogSettings> log_settings(const EndpointSettings& given,
                                   const config::Configuration& configuration) {
  const auto& diagnostics = configuration.diagnostics;
  const bool has_file = !given.config_file.empty();
  LogSettings settings;
  settings.file = diagnostics.enable_logging ? diagnostics.log_file : std::string();
  settings.paths_allowed = diagnostics.to_file;
  if (!given.log_file.empty()) {
    settings.file = given.log_file;
    settings.paths_allowed = true;
  }
  settings.logger = given.logger;
  settings.detail = LogDetail::of(diagnostics);
  settings.rules = {given.log_hides_digits || diagnostics.hide_dtmf, given.log_hides_numbers};
  settings.segments = {diagnostics.log_segment, diagnostics.log_expire};
  settings.time = {diagnostics.utc, diagnostics.time_format};
  settings.bytes_per_s_max = log_bytes_per_s_max;
  if (has_file || !given.options.empty()) settings.configuration = config::dump(configuration);
  if (auto right = override_detail(given, has_file || says_detail(configuration), settings.detail); !right)
    return tl::make_unexpected(right.error());
  if (auto right = override_segments(given, settings.segments); !right)
    return tl::make_unexpected(right.error());
  if (auto right = override_time(given, settings.time); !right) return tl::make_unexpected(right.error());
  return settings;
}

Expected<std::unique_ptr<Log>> open_log_for(const EndpointSettings& given,
                                            const config::Configuration& configuration,
                                            const SteadyTime& clock,
                                            std::function<void(const Error&)> on_trouble) {
  auto settings = log_settings(given, configuration);
  if (!settings) return tl::make_unexpected(settings.error());
  auto log = std::make_unique<Log>(std::move(*settings), clock, std::move(on_trouble));
  if (!given.log_file.empty() && log->first_trouble()) return tl::make_unexpected(*log->first_trouble());
  return log;
}

}  // namespace sidetone::engine
