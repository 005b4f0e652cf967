#include "engine/log/log_detail.h"

#include <fmt/format.h>

#include "config/log_classes.h"

namespace sidetone::engine {
namespace {

using config::LogClass;

constexpr std::array endpoint_tags{LogTag::reg, LogTag::call, LogTag::device, LogTag::config, LogTag::engine};

std::string levels_text(LogLevels levels) {
  for (const auto level :
       {LogLevel::fatal, LogLevel::error, LogLevel::warning, LogLevel::info, LogLevel::debug})
    if (levels == LogLevels::up_to(level)) return std::to_string(static_cast<int>(level));
  if (levels == LogLevels{}) return "5";
  std::string out;
  for (const auto level :
       {LogLevel::fatal, LogLevel::error, LogLevel::warning, LogLevel::info, LogLevel::debug})
    if (levels.has(level)) out += fmt::format("{}{}", out.empty() ? "" : ",", to_string(level));
  return "(" + out + ")";
}

}  // namespace

LogDetail LogDetail::up_to(LogLevel level) {
  LogDetail detail;
  detail.levels_.fill(LogLevels::up_to(level));
  detail.sip_messages_ = level >= LogLevel::info;
  return detail;
}

LogDetail LogDetail::of(const config::DiagnosticsOptions& options) {
  LogDetail detail = up_to(options.log_level);
  const auto limit = LogLevels::up_to(options.log_level);
  const auto set_endpoint = [&](LogLevels levels) {
    for (const auto tag : endpoint_tags) detail.set(tag, levels.within(limit));
  };
  set_endpoint(options.endpoint_level ? LogLevels::up_to(*options.endpoint_level) : LogLevels{});
  for (const auto& item : options.provider_options) {
    const auto given = config::parse_class_levels(item);
    if (!given) continue;  // the file's reader has warned
    const auto levels = given->levels.within(limit);
    switch (given->log_class) {
      case LogClass::gsept: set_endpoint(given->levels); break;
      case LogClass::gsip:
        detail.set(LogTag::sip, levels);
        // The product's own log at gsip=2 holds the messages: they are no lines of level 3 there.
        detail.sip_messages_ = detail.sip_messages_ && given->levels.has(LogLevel::warning);
        break;
      case LogClass::pjnt: detail.set(LogTag::net, levels); break;
      case LogClass::rtpt:
      case LogClass::webrtc: detail.set(LogTag::media, levels); break;  // one room, so the last one counts
    }
  }
  return detail;
}

std::uint64_t LogDetail::packed() const {
  static_assert(log_tags * 5 < 63);
  std::uint64_t packed = sip_messages_ ? 1ULL << 63 : 0;
  for (std::size_t i = 0; i < levels_.size(); ++i)
    packed |= static_cast<std::uint64_t>(levels_.at(i).bits()) << (5 * i);
  return packed;
}

std::string LogDetail::text() const {
  return fmt::format("gsept={},gsip={},pjnt={},rtpt={},webrtc={}, SIP messages {}",
                     levels_text(of(LogTag::call)), levels_text(of(LogTag::sip)),
                     levels_text(of(LogTag::net)), levels_text(of(LogTag::media)),
                     levels_text(of(LogTag::media)), sip_messages_ ? "shown" : "not shown");
}

}  // namespace sidetone::engine
