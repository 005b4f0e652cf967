// Each fault of the table names file, line and option, and what is right.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/reader.h"
#include "faulty_files.h"
#include "files.h"

namespace sidetone::config {
namespace {

using testing::HasSubstr;

std::string all_of(const ReadResult& result) {
  std::string out;
  for (const auto& problem : result.problems) out += describe(problem) + "\n";
  return out;
}

class FaultySetting : public testing::TestWithParam<FaultySettingRow> {};

TEST_P(FaultySetting, NamesPlaceOptionAndRemedy) {
  const auto& row = GetParam();
  const auto result =
      read_configuration(file_with_setting(row.domain, row.section, row.setting), "Softphone.config");
  ASSERT_EQ(result.problems.size(), 1U) << all_of(result);
  const auto& problem = result.problems.front();
  EXPECT_EQ(problem.severity, row.severity);
  EXPECT_EQ(result.usable(), row.severity == warning);
  const std::string line = describe(problem);
  EXPECT_THAT(line, testing::StartsWith("Softphone.config:6: " + std::string(row.starts)));
  EXPECT_THAT(line, HasSubstr(std::string(row.contains)));
  EXPECT_EQ(result.configuration.lines.size(), 1U) << "the rest of the file stays in force";
}

INSTANTIATE_TEST_SUITE_P(Rows, FaultySetting, testing::ValuesIn(setting_rows));

class FaultyFile : public testing::TestWithParam<FaultyFileRow> {};

TEST_P(FaultyFile, SaysWhere) {
  const auto& row = GetParam();
  const auto result = read_configuration(row.text, "f.config");
  EXPECT_THAT(all_of(result), HasSubstr(std::string(row.expected)));
  EXPECT_EQ(result.usable(), row.usable) << all_of(result);
}

INSTANTIATE_TEST_SUITE_P(Rows, FaultyFile, testing::ValuesIn(file_rows));

class FaultyLine : public testing::TestWithParam<FaultyFileRow> {};

TEST_P(FaultyLine, SaysWhere) {
  const auto& row = GetParam();
  const auto result = read_configuration(file_with("", row.text), "f.config");
  EXPECT_THAT(all_of(result), HasSubstr(std::string(row.expected)));
  EXPECT_EQ(result.usable(), row.usable) << all_of(result);
}

INSTANTIATE_TEST_SUITE_P(Rows, FaultyLine, testing::ValuesIn(line_rows));

TEST(FaultyFileSize, MoreThanOneMegabyteIsRefused) {
  const auto result = read_configuration(std::string(1'000'001, ' '), "f.config");
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_THAT(describe(result.problems[0]),
              HasSubstr("f.config: error: the file has more than 1000000 bytes"));
}

TEST(FaultyFileSize, ProblemsAreBounded) {
  std::string settings = "<domain name=\"policy\"><section name=\"session\">\n";
  while (settings.size() < 900'000) settings += "<setting name=\"nonsens_option\" value=\"1\"/>\n";
  const auto result = read_configuration(file_with(settings + "</section></domain>"), "f.config");
  EXPECT_EQ(result.problems.size(), ProblemList::problems_max);
  EXPECT_THAT(result.problems.back().text, HasSubstr("more problems"));
}

TEST(FaultyFileSize, DeepNestingIsWarnedOfNotFollowed) {
  std::string deep = "<domain name=\"policy\">";
  for (int i = 0; i < 10'000; ++i) deep += "<section name=\"s\">";
  for (int i = 0; i < 10'000; ++i) deep += "</section>";
  const auto result = read_configuration(file_with(deep + "</domain>"), "f.config");
  EXPECT_THAT(all_of(result), HasSubstr("nested too deeply"));
  EXPECT_TRUE(result.usable());
}

TEST(FaultySecret, NoProblemShowsASecret) {
  const auto result = read_configuration(
      file_with_setting(
          "proxies", "proxy0",
          "<setting name=\"password\" value=\"sesame\"/>\n<setting name=\"password\" value=\"sesame2\"/>"
          "<setting name=\"pasword\" value=\"sesame\"/><section name=\"nat\"><setting "
          "name=\"turn_password\" value=\"sesame\"/></section>"),
      "f.config");
  EXPECT_EQ(result.problems.size(), 3U) << all_of(result);
  EXPECT_THAT(all_of(result), testing::Not(HasSubstr("sesame")));
  EXPECT_EQ(result.configuration.get("proxies.proxy0.password"), "********");
  EXPECT_EQ(result.configuration.get("proxies.proxy0.pasword"), "********");
  EXPECT_EQ(result.configuration.lines.at(0).password.reveal(), "sesame2") << "the last one counts";
}

}  // namespace
}  // namespace sidetone::config
