#include "engine/log/log_segments.h"

#include <fmt/format.h>

#include <algorithm>

namespace sidetone::engine {
namespace {

constexpr std::string_view stamp_pattern = "dddddddd_dddddd_ddd";  // d: a digit

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_stamp(std::string_view text) {
  return text.size() == stamp_pattern.size() &&
         std::equal(text.begin(), text.end(), stamp_pattern.begin(),
                    [](char c, char wanted) { return wanted == 'd' ? is_digit(c) : c == wanted; });
}

}  // namespace

SegmentNames::SegmentNames(std::string_view file_name) {
  const auto dot = file_name.rfind('.');
  const bool has_extension = dot != std::string_view::npos && dot > 0;
  stem_ = file_name.substr(0, has_extension ? dot : file_name.size());
  extension_ = has_extension ? file_name.substr(dot) : "";
}

std::string SegmentNames::of(WallTime begun, bool utc, unsigned again) const {
  const auto c = calendar_of(begun, utc);
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(begun.time_since_epoch()).count() % 1000;
  return fmt::format("{}.{:04}{:02}{:02}_{:02}{:02}{:02}_{:03}{}{}", stem_, c.tm_year + 1900, c.tm_mon + 1,
                     c.tm_mday, c.tm_hour, c.tm_min, c.tm_sec, ms,
                     again == 0 ? std::string() : fmt::format("-{}", again), extension_);
}

bool SegmentNames::owns(std::string_view name) const {
  if (!name.starts_with(stem_) || !name.ends_with(extension_)) return false;
  if (name.size() < stem_.size() + extension_.size() + 1 + stamp_pattern.size()) return false;
  auto middle = name.substr(stem_.size(), name.size() - stem_.size() - extension_.size());
  if (middle.front() != '.') return false;
  middle.remove_prefix(1);
  if (!is_stamp(middle.substr(0, stamp_pattern.size()))) return false;
  middle.remove_prefix(stamp_pattern.size());
  if (middle.empty()) return true;
  return middle.size() > 1 && middle.front() == '-' &&
         std::all_of(middle.begin() + 1, middle.end(), is_digit);
}

bool segment_is_over(const config::LogSegment& segment, std::uint64_t bytes, Duration open_for) {
  using Unit = config::LogSegment::Unit;
  if (bytes == 0 || segment.unit == Unit::unlimited) return false;
  if (segment.unit == Unit::bytes) return bytes >= segment.count;
  return open_for >= std::chrono::hours(segment.count);
}

std::vector<std::string> expired_segments(const config::LogExpire& expire, std::vector<LogFileFacts> own,
                                          std::string_view current, WallTime now) {
  using Unit = config::LogExpire::Unit;
  std::vector<std::string> gone;
  if (expire.unit == Unit::never) return gone;
  std::erase_if(own, [&](const auto& file) { return file.name == current; });
  std::sort(own.begin(), own.end(), [](const auto& a, const auto& b) {
    return a.written != b.written ? a.written < b.written : a.name < b.name;
  });
  if (expire.unit == Unit::days) {
    const auto oldest = now - std::chrono::hours(24) * expire.count;
    for (auto& file : own)
      if (file.written < oldest) gone.push_back(std::move(file.name));
    return gone;
  }
  const std::size_t kept = expire.count > 0 ? expire.count - 1 : 0;  // beside the current one
  for (std::size_t i = 0; i + kept < own.size(); ++i) gone.push_back(std::move(own[i].name));
  return gone;
}

}  // namespace sidetone::engine
