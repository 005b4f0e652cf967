#include "config/log_classes.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string>

#include "base/text.h"

namespace sidetone::config {
namespace {

using enum LogClass;
constexpr std::array classes{gsept, gsip, pjnt, rtpt, webrtc};

struct Word {
  std::string_view word;
  LogLevel level;
};
// "state" and "api" are kinds of trace lines in WebRTC; as levels they are informative.
constexpr std::array words{Word{"critical", LogLevel::fatal},  Word{"error", LogLevel::error},
                           Word{"warning", LogLevel::warning}, Word{"info", LogLevel::info},
                           Word{"state", LogLevel::info},      Word{"api", LogLevel::info},
                           Word{"debug", LogLevel::debug}};

std::optional<LogClass> class_named(std::string_view name) {
  for (const auto each : classes)
    if (iequals(to_string(each), name)) return each;
  return std::nullopt;
}

std::optional<LogLevel> level_named(std::string_view name) {
  for (const auto& [word, level] : words)
    if (iequals(word, name)) return level;
  return std::nullopt;
}

tl::unexpected<Error> refuse(std::string_view item, std::string_view why) {
  constexpr std::size_t shown_max = 60;
  return fail(Layer::config, Fault::syntax, fmt::format("'{}' {}", item.substr(0, shown_max), why),
              "write class=0 to 5, or class=(critical,error,warning,info,state,api,debug); classes are gsip, "
              "pjnt, rtpt, webrtc and gsept");
}

}  // namespace

std::string_view to_string(LogClass log_class) {
  switch (log_class) {
    case gsept: return "gsept";
    case gsip: return "gsip";
    case pjnt: return "pjnt";
    case rtpt: return "rtpt";
    case webrtc: return "webrtc";
  }
  return "?";
}

Expected<ClassLevels> parse_class_levels(std::string_view item) {
  const auto equals = item.find('=');
  if (equals == std::string_view::npos) return refuse(item, "names no level");
  const auto log_class = class_named(trim(item.substr(0, equals)));
  if (!log_class) return refuse(item, "is about no class that writes a log");
  auto value = trim(item.substr(equals + 1));
  ClassLevels out{*log_class, {}};
  if (const auto number = parse_number<unsigned>(value)) {
    if (*number > 5) return refuse(item, "has a level above 5");
    if (*number < 5) out.levels = LogLevels::up_to(static_cast<LogLevel>(*number));
    return out;
  }
  if (value.starts_with('(') && value.ends_with(')')) value = value.substr(1, value.size() - 2);
  while (!value.empty()) {
    const auto level = level_named(trim(take_until(value, ',')));
    if (!level) return refuse(item, "holds a word that is no level");
    out.levels.add(*level);
  }
  return out;
}

}  // namespace sidetone::config
