// RFC 4475 and RFC 5118, message by message: torture [--table] prints the table, and without the option the
// tests as well.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>

#include "verdict.h"

namespace sidetone::torture {
namespace {

const std::vector<Verdict>& verdicts() {
  static const auto all = [] {
    auto rows = rfc4475_rows();
    const auto more = rfc5118_rows();
    rows.insert(rows.end(), more.begin(), more.end());
    std::vector<Verdict> judged;
    judged.reserve(rows.size());
    for (const auto& row : rows) judged.push_back(judge(row));
    return judged;
  }();
  return all;
}

class Torture : public ::testing::TestWithParam<std::size_t> {};

TEST_P(Torture, message) {
  const auto& verdict = verdicts()[GetParam()];
  EXPECT_TRUE(verdict.good()) << verdict.row.section << " " << verdict.row.name << ": " << verdict.row.about
                              << "\n"
                              << verdict.faults();
}

std::string name_of(const ::testing::TestParamInfo<std::size_t>& info) {
  std::string name = verdicts()[info.param].row.name;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Rfc4475And5118, Torture, ::testing::Range(std::size_t{0}, verdicts().size()),
                         name_of);

TEST(TortureTable, has_every_message_of_both_rfcs) {
  EXPECT_EQ(rfc4475_rows().size(), 49U);
  EXPECT_EQ(rfc5118_rows().size(), 12U);
}

}  // namespace
}  // namespace sidetone::torture

int main(int argc, char** argv) {
  using namespace sidetone::torture;
  const bool only_table = argc > 1 && std::strcmp(argv[1], "--table") == 0;
  int result = 0;
  if (!only_table) {
    ::testing::InitGoogleTest(&argc, argv);
    result = RUN_ALL_TESTS();
  }
  std::puts(table(verdicts()).c_str());
  std::fflush(stdout);
  for (const auto& verdict : verdicts()) {
    if (verdict.good()) continue;
    std::printf("%s\n%s", verdict.row.name.c_str(), verdict.faults().c_str());
    result = 1;
  }
  return result;
}
