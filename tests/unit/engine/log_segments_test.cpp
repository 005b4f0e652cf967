// log_segment and log_expire: the pure decisions, and a file with its segments on a disk that obeys the test,
// in virtual time.
#include "engine/log/log_segments.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "engine/log/segmented_file.h"

namespace sidetone::engine {
namespace {

using config::LogExpire;
using config::LogSegment;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const WallTime begin{std::chrono::sys_days(std::chrono::year(2026) / 11 / 28) + hours(13) + minutes(45)};

TEST(LogSegments, log_segment_names_have_the_time_of_their_start) {
  const SegmentNames names("phone.log");
  EXPECT_EQ(names.of(begin + std::chrono::milliseconds(12345), true), "phone.20261128_134512_345.log");
  EXPECT_EQ(names.of(begin, true, 2), "phone.20261128_134500_000-2.log");
  EXPECT_EQ(SegmentNames("phone").of(begin, true), "phone.20261128_134500_000");
  EXPECT_EQ(SegmentNames(".hidden").of(begin, true), ".hidden.20261128_134500_000");
}

TEST(LogSegments, log_expire_owns_no_file_that_the_log_has_not_made) {
  const SegmentNames names("phone.log");
  EXPECT_TRUE(names.owns("phone.20261128_134512_345.log"));
  EXPECT_TRUE(names.owns("phone.20261128_134512_345-17.log"));
  for (const auto* other :
       {"phone.log", "phone.20261128_134512_345.log.gz", "phone.2026112_134512_345.log",
        "other.20261128_134512_345.log", "phone.20261128_134512_345-.log", "phone.20261128_134512_345-x.log",
        "phone-20261128_134512_345.log", "phone.20261128_134512_345", "phone..log", ""})
    EXPECT_FALSE(names.owns(other)) << other;
}

TEST(LogSegments, log_segment_units) {
  struct Row {
    LogSegment segment;
    std::uint64_t bytes;
    Duration open_for;
    bool over;
  };
  const Row rows[] = {
      {{}, 1ULL << 40, hours(10000), false},  // false
      {{LogSegment::Unit::bytes, 10240}, 10239, hours(1000), false},
      {{LogSegment::Unit::bytes, 10240}, 10240, seconds(0), true},
      {{LogSegment::Unit::hours, 2}, 1ULL << 40, minutes(119), false},
      {{LogSegment::Unit::hours, 2}, 1, hours(2), true},
      {{LogSegment::Unit::hours, 2}, 0, hours(20), false},  // nothing was told: the file goes on
  };
  for (const auto& row : rows) EXPECT_EQ(segment_is_over(row.segment, row.bytes, row.open_for), row.over);
}

std::vector<LogFileFacts> files_of_days(std::initializer_list<int> days_ago) {
  std::vector<LogFileFacts> files;
  for (const int days : days_ago) files.push_back({fmt::format("f{}", days), begin - hours(24 * days)});
  return files;
}

TEST(LogSegments, log_expire_by_count_keeps_the_newest_and_the_current) {
  const LogExpire three{LogExpire::Unit::files, 3};
  EXPECT_THAT(expired_segments(three, files_of_days({1, 5, 3, 0, 9}), "f0", begin), ElementsAre("f9", "f5"));
  EXPECT_THAT(expired_segments(three, files_of_days({1, 2}), "new", begin), IsEmpty());
  EXPECT_THAT(expired_segments({LogExpire::Unit::files, 1}, files_of_days({1, 2}), "new", begin),
              ElementsAre("f2", "f1"));
}

TEST(LogSegments, log_expire_by_days_and_never) {
  const LogExpire week{LogExpire::Unit::days, 7};
  EXPECT_THAT(expired_segments(week, files_of_days({1, 8, 7, 100}), "f100", begin), ElementsAre("f8"))
      << "seven days are not more than seven days, and the current file stays";
  EXPECT_THAT(expired_segments({}, files_of_days({1, 1000}), "", begin), IsEmpty());
}

// --- files

class FakeDisk final : public LogDisk {
 public:
  struct File {
    std::string content;
    WallTime written;
  };
  class Handle final : public LogFile {
   public:
    Handle(FakeDisk& disk, std::string path)
        : disk_(disk), path_(std::move(path)), inode_(disk.inode_of[path_]) {}
    Expected<void> write(std::string_view bytes) override {
      const auto left = disk_.room;
      const auto part = bytes.substr(0, left);
      if (is_in_place()) {
        disk_.files[path_].content += part;
        disk_.files[path_].written = disk_.now;
      }
      disk_.room -= part.size();
      if (part.size() == bytes.size()) return {};
      return fail(Layer::engine, Fault::io, "No space left on device");
    }
    [[nodiscard]] bool is_in_place() const override {
      const auto at = disk_.inode_of.find(path_);
      return disk_.files.contains(path_) && at != disk_.inode_of.end() && at->second == inode_;
    }

   private:
    FakeDisk& disk_;
    std::string path_;
    int inode_;
  };

  Expected<std::unique_ptr<LogFile>> open(const std::string& path, Mode mode) override {
    ++opened;
    if (read_only) return fail(Layer::engine, Fault::io, "Permission denied");
    if (mode == Mode::create && files.contains(path)) return fail(Layer::engine, Fault::busy, "File exists");
    if (!files.contains(path)) {
      files[path] = {"", now};
      inode_of[path] = ++inodes;
    }
    return std::make_unique<Handle>(*this, path);
  }
  std::vector<LogFileFacts> list(const std::string& folder) override {
    std::vector<LogFileFacts> found;
    for (const auto& [path, file] : files)
      if (path.starts_with(folder + "/")) found.push_back({path.substr(folder.size() + 1), file.written});
    return found;
  }
  bool remove(const std::string& path) override { return files.erase(path) > 0; }

  std::map<std::string, File> files;
  std::map<std::string, int> inode_of;
  std::size_t room = SIZE_MAX;
  bool read_only = false;
  int opened = 0, inodes = 0;
  WallTime now = begin;
};

class SegmentedFileTest : public testing::Test {
 protected:
  SegmentedFile make(SegmentRules rules) {
    return {"logs/phone.log", rules, true, disk_,
            [](const std::string&, Moment) { return std::string("HEAD\n"); }};
  }
  [[nodiscard]] Moment now() const { return {Time{} + elapsed_, begin + elapsed_}; }
  void pass(Duration time) {
    elapsed_ += time;
    disk_.now = begin + elapsed_;
  }
  void add(SegmentedFile& file, const std::string& text) {
    file.add(text, now());
    file.flush(now());
  }
  std::string all() const {
    std::string text;
    for (const auto& [path, file] : disk_.files) text += file.content;
    return text;
  }

  FakeDisk disk_;
  Duration elapsed_ = seconds(1000);
};

const std::string line_of_100 = std::string(99, 'x') + "\n";

TEST_F(SegmentedFileTest, log_segment_by_size_with_the_header_in_each) {
  auto file = make({{LogSegment::Unit::bytes, 1024}, {}});
  ASSERT_TRUE(file.open(now()));
  for (int i = 0; i < 100; ++i) {
    pass(std::chrono::milliseconds(10));
    add(file, line_of_100);
  }
  EXPECT_EQ(disk_.files.size(), 10U) << "11 lines of 100 bytes each";
  for (const auto& [path, segment] : disk_.files) {
    EXPECT_TRUE(segment.content.starts_with("HEAD\n")) << path;
    EXPECT_LE(segment.content.size(), 5U + 1100U);
  }
}

TEST_F(SegmentedFileTest, log_segment_by_hours) {
  auto file = make({{LogSegment::Unit::hours, 2}, {}});
  ASSERT_TRUE(file.open(now()));
  for (int i = 0; i < 10 * 60; ++i, pass(minutes(1))) add(file, "a minute\n");
  EXPECT_EQ(disk_.files.size(), 5U) << "ten hours";
  EXPECT_TRUE(disk_.files.contains("logs/phone.20261128_140140_000.log")) << "the first, begun after 1,000 s";
  EXPECT_TRUE(disk_.files.contains("logs/phone.20261128_160140_000.log"));
}

TEST_F(SegmentedFileTest, log_segment_false_is_one_file_with_its_own_name) {
  auto file = make({{}, {LogExpire::Unit::files, 1}});
  ASSERT_TRUE(file.open(now()));
  for (int i = 0; i < 1000; ++i, pass(minutes(1))) add(file, line_of_100);
  ASSERT_EQ(disk_.files.size(), 1U);
  EXPECT_EQ(disk_.files.at("logs/phone.log").content.size(), 5U + 100'000U);
}

TEST_F(SegmentedFileTest, log_segment_whose_clock_stands_still_takes_another_name) {
  auto file = make({{LogSegment::Unit::bytes, 100}, {}});
  ASSERT_TRUE(file.open(now()));
  for (int i = 0; i < 3; ++i) add(file, line_of_100);
  EXPECT_EQ(disk_.files.size(), 3U);
  EXPECT_TRUE(disk_.files.contains("logs/phone.20261128_140140_000-2.log"));
}

TEST_F(SegmentedFileTest, log_expire_by_count) {
  disk_.files["logs/phone.txt"] = {"somebody's", begin - hours(24 * 365)};
  auto file = make({{LogSegment::Unit::bytes, 100}, {LogExpire::Unit::files, 3}});
  ASSERT_TRUE(file.open(now()));
  for (int i = 0; i < 20; ++i, pass(seconds(1))) add(file, line_of_100);
  EXPECT_EQ(disk_.files.size(), 4U);
  EXPECT_TRUE(disk_.files.contains("logs/phone.txt"));
  EXPECT_TRUE(disk_.files.contains(file.current()));
}

TEST_F(SegmentedFileTest, log_expire_by_days_also_while_one_segment_stays_open) {
  auto file = make({{LogSegment::Unit::bytes, 1000}, {LogExpire::Unit::days, 2}});
  ASSERT_TRUE(file.open(now()));
  for (int i = 0; i < 20; ++i, pass(hours(1))) add(file, std::string(500, 'x') + "\n");
  EXPECT_EQ(disk_.files.size(), 10U);
  for (int i = 0; i < 3 * 24; ++i, pass(hours(1))) add(file, "x\n");
  EXPECT_EQ(disk_.files.size(), 1U) << "the one that is written to";
}

TEST_F(SegmentedFileTest, a_full_disk_costs_records_and_is_told_once) {
  auto file = make({{}, {}});
  ASSERT_TRUE(file.open(now()));
  disk_.room = 250;
  for (int i = 0; i < 1000; ++i, pass(seconds(1))) add(file, line_of_100);
  const auto trouble = file.take_trouble();
  ASSERT_TRUE(trouble);
  EXPECT_THAT(trouble->text, HasSubstr("No space left"));
  EXPECT_FALSE(file.take_trouble()) << "told once, however long it lasts";
  EXPECT_LT(disk_.opened, 250) << "not tried for each record";
  disk_.room = SIZE_MAX;
  pass(seconds(10));
  add(file, "back\n");
  EXPECT_THAT(all(), HasSubstr("*** 998 records are not in this log: No space left on device\nback\n"));
  disk_.room = 0;
  add(file, "x\n");
  EXPECT_TRUE(file.take_trouble()) << "the next time it is told again";
}

TEST_F(SegmentedFileTest, a_full_disk_collects_no_empty_segments) {
  auto file = make({{LogSegment::Unit::bytes, 300}, {LogExpire::Unit::files, 5}});
  ASSERT_TRUE(file.open(now()));
  disk_.room = 150;
  for (int i = 0; i < 1000; ++i, pass(seconds(1))) add(file, line_of_100);
  EXPECT_EQ(disk_.files.size(), 1U);
}

TEST_F(SegmentedFileTest, an_unwritable_folder_is_tried_again) {
  disk_.read_only = true;
  auto file = make({{LogSegment::Unit::bytes, 1024}, {}});
  EXPECT_FALSE(file.open(now()));
  EXPECT_TRUE(file.take_trouble());
  add(file, "lost\n");
  disk_.read_only = false;
  add(file, "lost, too: five seconds are not over\n");
  pass(seconds(5));
  add(file, "there\n");
  EXPECT_THAT(all(), HasSubstr("*** 2 records are not in this log: Permission denied\nthere\n"));
  EXPECT_THAT(all(), Not(HasSubstr("lost\n")));
}

TEST_F(SegmentedFileTest, a_folder_that_vanishes_or_a_file_that_is_moved_begins_anew) {
  auto file = make({{}, {}});
  ASSERT_TRUE(file.open(now()));
  add(file, "before\n");
  disk_.files.clear();
  pass(seconds(6));
  add(file, "after\n");
  EXPECT_EQ(all(), "HEAD\nafter\n");
  EXPECT_FALSE(file.take_trouble()) << "that is what logrotate does";
}

TEST_F(SegmentedFileTest, records_of_one_batch_are_one_write_and_in_order) {
  auto file = make({{}, {}});
  ASSERT_TRUE(file.open(now()));
  for (int i = 0; i < 5000; ++i) file.add(fmt::format("{} {}\n", i, line_of_100.substr(0, 40)), now());
  file.flush(now());
  std::string expected = "HEAD\n";
  for (int i = 0; i < 5000; ++i) expected += fmt::format("{} {}\n", i, line_of_100.substr(0, 40));
  EXPECT_EQ(all(), expected);
}

}  // namespace
}  // namespace sidetone::engine
