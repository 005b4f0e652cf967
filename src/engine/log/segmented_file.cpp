#include "engine/log/segmented_file.h"

#include <fmt/format.h>

#include <filesystem>

namespace sidetone::engine {
namespace {

std::string file_name(const std::string& path) { return std::filesystem::path(path).filename().string(); }

}  // namespace

SegmentedFile::SegmentedFile(std::string path, SegmentRules rules, bool utc, LogDisk& disk, Preamble preamble)
    : path_(std::move(path)),
      rules_(rules),
      utc_(utc),
      disk_(disk),
      preamble_(std::move(preamble)),
      names_(file_name(path_)) {}

std::string SegmentedFile::folder() const { return std::filesystem::path(path_).parent_path().string(); }

Expected<void> SegmentedFile::open(Moment now) {
  auto begun = begin_segment(now);
  if (!begun) give_up(begun.error(), now);
  return begun;
}

Expected<std::unique_ptr<LogFile>> SegmentedFile::open_next(Moment now) {
  if (!rules_.segmented()) {
    current_ = path_;
    return disk_.open(path_, LogDisk::Mode::append);
  }
  // Several files of one millisecond: a test, or a clock that was set back to the very same one.
  constexpr unsigned names_tried = 100;
  for (unsigned again = 0;; ++again) {
    current_ = (std::filesystem::path(path_).parent_path() / names_.of(now.wall, utc_, again)).string();
    auto file = disk_.open(current_, LogDisk::Mode::create);
    if (file || file.error().fault != Fault::busy || again == names_tried) return file;
  }
}

Expected<void> SegmentedFile::begin_segment(Moment now) {
  file_.reset();
  auto next = open_next(now);
  if (!next) return tl::make_unexpected(next.error());
  if (auto written = (*next)->write(preamble_(current_, now)); !written) {
    if (rules_.segmented()) disk_.remove(current_);  // else a full disk would collect empty ones
    return written;
  }
  file_ = std::move(*next);
  bytes_ = pending_.size();
  opened_ = looked_ = now.steady;
  delete_old(now);
  return {};
}

void SegmentedFile::delete_old(Moment now) {
  expired_ = now.steady;
  if (!rules_.segmented() || rules_.expire.unit == config::LogExpire::Unit::never) return;
  auto files = disk_.list(folder());
  std::erase_if(files, [&](const auto& file) { return !names_.owns(file.name); });
  for (const auto& name : expired_segments(rules_.expire, std::move(files), file_name(current_), now.wall))
    disk_.remove((std::filesystem::path(path_).parent_path() / name).string());
}

void SegmentedFile::give_up(Error error, Moment now) {
  file_.reset();
  current_.clear();
  records_lost_ += pending_records_;
  pending_.clear();
  pending_records_ = 0;
  retry_at_ = now.steady + retry_after;
  why_lost_ = error.text;
  if (!in_trouble_) trouble_ = std::move(error);
  in_trouble_ = true;
}

std::optional<Error> SegmentedFile::take_trouble() { return std::exchange(trouble_, std::nullopt); }

// A file that somebody has moved or deleted is written to no more: nobody would find it.
void SegmentedFile::look_around(Moment now) {
  if (file_ && now.steady - looked_ >= look_every) {
    looked_ = now.steady;
    if (!file_->is_in_place()) file_.reset();
  }
  if (file_ && now.steady - expired_ >= expire_every) delete_old(now);
}

bool SegmentedFile::make_ready(Moment now) {
  look_around(now);
  if (file_) return true;
  if (in_trouble_ && now.steady < retry_at_) return false;
  if (auto begun = begin_segment(now); !begun) {
    give_up(begun.error(), now);
    return false;
  }
  if (!in_trouble_) return true;
  // The end of a line that was cut off, and what is missing here.
  const auto text = fmt::format("\n*** {} records are not in this log: {}\n", records_lost_, why_lost_);
  if (auto written = file_->write(text); !written) {
    give_up(written.error(), now);
    return false;
  }
  in_trouble_ = false;
  records_lost_ = 0;
  return true;
}

void SegmentedFile::add(std::string_view text, Moment now) {
  if (!make_ready(now)) {
    ++records_lost_;
    return;
  }
  if (segment_is_over(rules_.segment, bytes_, now.steady - opened_)) {
    flush(now);
    if (auto begun = begin_segment(now); !begun) {
      give_up(begun.error(), now);
      ++records_lost_;
      return;
    }
  }
  pending_ += text;
  ++pending_records_;
  bytes_ += text.size();
  if (pending_.size() >= pending_bytes_max) flush(now);
}

void SegmentedFile::flush(Moment now) {
  if (pending_.empty()) return;
  if (!make_ready(now)) {
    records_lost_ += pending_records_;
    pending_.clear();
    pending_records_ = 0;
    return;
  }
  if (auto written = file_->write(pending_); !written) return give_up(written.error(), now);
  pending_.clear();
  pending_records_ = 0;
}

}  // namespace sidetone::engine
