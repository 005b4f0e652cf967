#include "engine/log/log_targets.h"

#include <algorithm>

#include "base/text.h"
#include "config/value.h"

namespace sidetone::engine {
namespace {

std::string_view unquoted(std::string_view text) {
  const bool quoted =
      text.size() > 1 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

LogTarget target_of(std::string_view text, std::string_view home) {
  if (iequals(text, "stdout")) return {LogTarget::Kind::out, {}};
  if (iequals(text, "stderr")) return {LogTarget::Kind::err, {}};
  if (text == "~" || text.starts_with("~/"))
    return {LogTarget::Kind::file, std::string(home) + std::string(text.substr(1))};
  return {LogTarget::Kind::file, std::string(text)};
}

}  // namespace

std::vector<LogTarget> parse_log_targets(std::string_view text, std::string_view home) {
  std::vector<LogTarget> targets;
  for (const auto& item : config::split_list(text)) {
    auto target = target_of(unquoted(item), home);
    if (target.kind == LogTarget::Kind::file && target.path.empty()) continue;
    if (std::find(targets.begin(), targets.end(), target) == targets.end())
      targets.push_back(std::move(target));
  }
  return targets;
}

}  // namespace sidetone::engine
