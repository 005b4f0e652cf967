// `sidetone check-config` on every fault of the reader's table, and on files that no table can hold: exit
// code, place, option and remedy; and how long it takes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "../unit/config/faulty_files.h"
#include "../unit/config/files.h"

namespace sidetone::config {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

struct Checked {
  int exit_code = -1;
  std::string output;
};

class CheckConfig : public testing::Test {
 protected:
  CheckConfig() {
    std::string name = (fs::temp_directory_path() / "sidetone-check-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~CheckConfig() override { fs::remove_all(folder_); }

  [[nodiscard]] static std::string program() {
    const char* named = std::getenv("SIDETONE");
    return named != nullptr ? named : "sidetone";
  }
  void write(const std::string& name, std::string_view text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    fs::permissions(folder_ / name,
                    fs::perms::owner_read | fs::perms::owner_write);  // it may hold a password
  }
  // Of files in the folder, by their short names, which are then those of the output.
  [[nodiscard]] Checked check(const std::string& arguments) const { return run("check-config " + arguments); }
  [[nodiscard]] Checked run(const std::string& arguments) const {
    const auto command = "cd '" + folder_.string() + "' && '" + program() + "' " + arguments + " 2>&1";
    Checked checked;
    std::FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return checked;
    std::array<char, 4096> bytes{};
    while (const auto count = std::fread(bytes.data(), 1, bytes.size(), pipe))
      checked.output.append(bytes.data(), count);
    const int status = ::pclose(pipe);
    if (WIFEXITED(status)) checked.exit_code = WEXITSTATUS(status);
    return checked;
  }
  [[nodiscard]] Checked check_text(std::string_view text, const std::string& name) const {
    write(name, text);
    return check(name);
  }

  fs::path folder_;
};

class OfSetting : public CheckConfig, public testing::WithParamInterface<FaultySettingRow> {};

TEST_P(OfSetting, NamesPlaceOptionAndRemedy) {
  const auto& row = GetParam();
  const auto checked =
      check_text(file_with_setting(row.domain, row.section, row.setting), "Softphone.config");
  EXPECT_EQ(checked.exit_code, row.severity == error ? 1 : 0) << checked.output;
  EXPECT_THAT(
      checked.output,
      AllOf(HasSubstr("Softphone.config:6: " + std::string(row.starts)), HasSubstr(std::string(row.contains)),
            HasSubstr(row.severity == error ? ": 1 error, " : ": 0 errors, 1 warning")));
}
INSTANTIATE_TEST_SUITE_P(Rows, OfSetting, testing::ValuesIn(setting_rows));
INSTANTIATE_TEST_SUITE_P(EngineRows, OfSetting, testing::ValuesIn(engine_rows));

class OfFile : public CheckConfig, public testing::WithParamInterface<FaultyFileRow> {};

TEST_P(OfFile, SaysWhere) {
  const auto& row = GetParam();
  const auto checked = check_text(row.text, "f.config");
  EXPECT_EQ(checked.exit_code, 1) << "no phone comes of it";
  EXPECT_THAT(checked.output, HasSubstr(std::string(row.expected)));
  if (row.usable) EXPECT_THAT(checked.output, HasSubstr("f.config: error: there is no line"));
}
INSTANTIATE_TEST_SUITE_P(Rows, OfFile, testing::ValuesIn(file_rows));

class OfLine : public CheckConfig, public testing::WithParamInterface<FaultyFileRow> {};

TEST_P(OfLine, SaysWhere) {
  const auto& row = GetParam();
  const auto checked = check_text(file_with("", row.text), "f.config");
  EXPECT_EQ(checked.exit_code, row.usable ? 0 : 1) << checked.output;
  EXPECT_THAT(checked.output, HasSubstr(std::string(row.expected)));
}
INSTANTIATE_TEST_SUITE_P(Rows, OfLine, testing::ValuesIn(line_rows));

TEST_F(CheckConfig, FiftyMegabytes) {
  write("f.config", "");
  fs::resize_file(folder_ / "f.config", 50'000'000);  // its holes read as zeroes
  auto checked = check("f.config");
  EXPECT_EQ(checked.exit_code, 1);
  EXPECT_THAT(checked.output, HasSubstr("f.config: error: the file has more than 1000000 bytes"));
}

TEST_F(CheckConfig, EntityBomb) {
  std::string bomb = "<?xml version=\"1.0\"?>\n<!DOCTYPE lolz [<!ENTITY a0 \"lol\">";
  for (int i = 1; i < 10; ++i) {
    bomb += "<!ENTITY a" + std::to_string(i) + " \"";
    for (int times = 0; times < 10; ++times) bomb += "&a" + std::to_string(i - 1) + ";";
    bomb += "\">";
  }
  const auto checked = check_text(bomb + "]>\n<SipEndpoint>&a9;</SipEndpoint>\n", "f.config");
  EXPECT_EQ(checked.exit_code, 1);
  EXPECT_THAT(checked.output, HasSubstr("f.config:2: error: a document type (DOCTYPE) is not accepted"));
}

TEST_F(CheckConfig, FilesThatCannotBeRead) {
  EXPECT_THAT(check("nosuch.config").output,
              AllOf(HasSubstr("nosuch.config: error: the file cannot be read: No such file"),
                    HasSubstr("check the name")));
  fs::create_directory(folder_ / "folder");
  const auto folder = check("folder");
  EXPECT_EQ(folder.exit_code, 1);
  EXPECT_THAT(folder.output, HasSubstr("folder: error: the file cannot be read: Is a directory"));
}

TEST_F(CheckConfig, WhatIsAnotherMachinesIsNotAskedOfThisOne) {
  write("f.config",
        file_with_setting("policy", "endpoint", R"(<setting name="public_address" value="192.0.2.77"/>)"));
  const auto here = check("f.config");
  EXPECT_EQ(here.exit_code, 1);
  EXPECT_THAT(here.output, HasSubstr("f.config:6: error: policy.endpoint.public_address: "));
  EXPECT_EQ(check("f.config --elsewhere").exit_code, 0);
}

// CPU time of the children so far: a loaded machine makes a run long, not costly.
std::chrono::microseconds cpu_time_of_children() {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  const auto time = [](const timeval& t) {
    return std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec);
  };
  return time(usage.ru_utime) + time(usage.ru_stime);
}

TEST_F(CheckConfig, ANormalFileTakesLessThanFiftyMilliseconds) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers take their time";
#endif
  write("Softphone.config", run("options --format example").output);
  auto least = std::chrono::microseconds::max();
  for (int run = 0; run < 5; ++run) {
    const auto before = cpu_time_of_children();
    const auto checked = check("Softphone.config");
    least = std::min(least, cpu_time_of_children() - before);
    ASSERT_EQ(checked.exit_code, 0) << checked.output;
  }
  RecordProperty("microseconds", static_cast<int>(least.count()));
  EXPECT_LT(least, std::chrono::milliseconds(50));
}

}  // namespace
}  // namespace sidetone::config
