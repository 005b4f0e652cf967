// When a log file is over and which old ones go: log_segment and log_expire. Pure: times and files come in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "config/value.h"
#include "engine/log/log_time.h"

namespace sidetone::engine {

struct SegmentRules {
  config::LogSegment segment;  // unlimited: one file, named as it is
  config::LogExpire expire;
  [[nodiscard]] bool segmented() const { return segment.unit != config::LogSegment::Unit::unlimited; }
  friend bool operator==(const SegmentRules&, const SegmentRules&) = default;
};

// "phone.log" begun at 13:45:12.123 on 28 November 2026 is "phone.20261128_134512_123.log".
class SegmentNames {
 public:
  explicit SegmentNames(std::string_view file_name);
  // `again`: how many files of that name are there already; clocks are set back.
  [[nodiscard]] std::string of(WallTime begun, bool utc, unsigned again = 0) const;
  // Whether a file of the folder is one of ours. Nothing else is ever deleted.
  [[nodiscard]] bool owns(std::string_view name) const;

 private:
  std::string stem_, extension_;
};

// `bytes` count the records, not what the log writes by itself at the beginning of a file. A file without a
// record is never over, however small the limit.
[[nodiscard]] bool segment_is_over(const config::LogSegment& segment, std::uint64_t bytes, Duration open_for);

struct LogFileFacts {
  std::string name;  // within its folder
  WallTime written;  // last
};

// Which of our own files go, oldest first; `current` is kept, and counts as one of `n files`.
[[nodiscard]] std::vector<std::string> expired_segments(const config::LogExpire& expire,
                                                        std::vector<LogFileFacts> own,
                                                        std::string_view current, WallTime now);

}  // namespace sidetone::engine
