// One log file of log_file with its segments: opens, begins anew, deletes old ones, and survives a disk that
// is full or gone. Times come in; whatever goes wrong costs records, which are counted, never more.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "engine/log/log_disk.h"
#include "engine/log/log_segments.h"

namespace sidetone::engine {

struct Moment {
  Time steady;
  WallTime wall;
};

class SegmentedFile {
 public:
  // `preamble` makes what every segment begins with, given its path.
  using Preamble = std::function<std::string(const std::string& path, Moment now)>;
  SegmentedFile(std::string path, SegmentRules rules, bool utc, LogDisk& disk, Preamble preamble);

  // The first opening, which may fail at once; the file is tried again in any case.
  Expected<void> open(Moment now);
  // A record, with its line end. It is on its way with the next flush().
  void add(std::string_view text, Moment now);
  void flush(Moment now);
  // What went wrong, once for each time that it begins to.
  [[nodiscard]] std::optional<Error> take_trouble();

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::string& current() const { return current_; }  // empty: none is open

 private:
  Expected<void> begin_segment(Moment now);
  Expected<std::unique_ptr<LogFile>> open_next(Moment now);
  void delete_old(Moment now);
  void give_up(Error error, Moment now);
  bool make_ready(Moment now);
  void look_around(Moment now);
  [[nodiscard]] std::string folder() const;

  // What does not work now is not tried for each record.
  static constexpr auto retry_after = std::chrono::seconds(5);
  // Files are moved and deleted by people and by logrotate.
  static constexpr auto look_every = std::chrono::seconds(5);
  static constexpr auto expire_every = std::chrono::hours(1);
  static constexpr std::size_t pending_bytes_max = 64 << 10;

  std::string path_;
  SegmentRules rules_;
  bool utc_;
  LogDisk& disk_;
  Preamble preamble_;
  SegmentNames names_;

  std::unique_ptr<LogFile> file_;
  std::string current_;
  std::string pending_;
  std::uint64_t pending_records_ = 0;
  std::uint64_t bytes_ = 0;  // of records in this segment, those pending included
  Time opened_{}, looked_{}, expired_{}, retry_at_{};
  std::uint64_t records_lost_ = 0;
  std::string why_lost_;
  bool in_trouble_ = false;
  std::optional<Error> trouble_;
};

}  // namespace sidetone::engine
