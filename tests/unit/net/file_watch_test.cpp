// Every way in which editors and administrators change a file is told, once.
#include "net/file_watch.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "run_until.h"

namespace sidetone::net {
namespace {

class WatchedFile : public ::testing::Test {
 protected:
  WatchedFile() {
    std::string pattern = (std::filesystem::temp_directory_path() / "file-watch-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    file = folder / "Softphone.config";
  }
  ~WatchedFile() override { std::filesystem::remove_all(folder); }

  static void write(const std::filesystem::path& path, std::string_view text) { std::ofstream(path) << text; }
  void watch() {
    watch_ = FileWatch::start(io, file.string(), [this] { ++told; });
    ASSERT_TRUE(watch_);
  }
  void expect_told_after(const std::function<void()>& change) {
    told = 0;
    change();
    EXPECT_TRUE(run_until(io, [this] { return told > 0; }));
    EXPECT_EQ(told, 1);
  }

  boost::asio::io_context io{1};
  std::filesystem::path folder, file;
  std::unique_ptr<FileWatch> watch_;
  int told = 0;
};

TEST_F(WatchedFile, IsWrittenMovedIntoPlaceOrMade) {
  watch();
  expect_told_after([this] { write(file, "made"); });
  expect_told_after([this] {
    for (int i = 0; i < 5; ++i) write(file, "in several steps");
  });
  expect_told_after([this] {
    write(folder / "new", "moved");
    std::filesystem::rename(folder / "new", file);
  });
}

TEST_F(WatchedFile, BehindALink) {
  std::filesystem::create_directory(folder / "real");
  write(folder / "real" / "phone.config", "real");
  std::filesystem::create_symlink(folder / "real" / "phone.config", file);
  watch();
  expect_told_after([this] { write(folder / "real" / "phone.config", "another"); });
}

TEST_F(WatchedFile, OthersInItsFolderAreNotTold) {
  write(file, "there");
  watch();
  write(folder / "other", "x");
  write(file, "changed");  // comes after the other one
  EXPECT_TRUE(run_until(io, [this] { return told > 0; }));
  EXPECT_EQ(told, 1);
}

TEST_F(WatchedFile, WithoutItsFolderThereIsNoWatch) {
  EXPECT_FALSE(FileWatch::start(io, (folder / "not" / "there").string(), [] {}));
}

}  // namespace
}  // namespace sidetone::net
