// The driver of faulted runs, and the proof that no scenario escapes it.
#include <fmt/format.h>
#include <gtest/gtest-spi.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <set>

#include "scenario.h"

namespace sidetone::test {

void Scenario::play_unheard() {
  ::testing::TestPartResultArray unheard;
  const ::testing::ScopedFakeTestPartResultReporter silence(
      ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &unheard);
  // A script that misses what it was sure of throws (Missing); under a fault it may.
  try {
    SetUp();
    script();
    TearDown();
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
  }
}

namespace {

// Bound: what happens after that many messages repeats itself, and a run costs as much as it is long.
constexpr std::size_t nth_max = 60;

struct Tally {
  std::size_t scenarios = 0, runs = 0;
  double cpu_s = 0;
};
Tally& tally() {
  static Tally all;
  return all;
}

// One line at the end of the program: how much was tried.
class TallyPrinter : public ::testing::EmptyTestEventListener {
  void OnTestProgramEnd(const ::testing::UnitTest&) override {
    if (tally().runs == 0) return;
    std::printf("faulted runs: %zu of %zu scenarios in %.2f s CPU\n", tally().runs, tally().scenarios,
                tally().cpu_s);
  }
};

double cpu_now_s() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace

std::string FaultRuns::run(Mishap mishap, std::size_t& messages) const {
  const auto scenario = make_();
  scenario->faulty_world().befall(mishap);
  scenario->play_unheard();
  messages = scenario->faulty_world().messages();
  ++tally().runs;
  auto faults = scenario->faulty_world().judge();
  if (!faults.empty()) faults += scenario->faulty_world().ladder();
  return faults;
}

void FaultRuns::TestBody() {
  const double begin_s = cpu_now_s();
  ++tally().scenarios;
  std::size_t messages = 0, ignored = 0, wrong = 0;
  EXPECT_EQ(run({}, messages), "") << "without any fault";
  for (const auto kind : mishap_kinds)
    for (std::size_t n = 0; n < std::min(messages, nth_max) && wrong < 3; ++n) {
      const auto found = run({kind, n}, ignored);
      if (!found.empty()) ++wrong;
      EXPECT_EQ(found, "") << fmt::format("message {} {}", n, to_string(kind));
    }
  tally().cpu_s += cpu_now_s() - begin_s;
}

// Those with parameters (their names hold a slash) bring faults of their own or are rows of something else.
// A TEST_F where SCENARIO was meant would run without faults, and nobody would notice.
TEST(FaultMode, covers_every_scenario) {
  const auto& all = *::testing::UnitTest::GetInstance();
  std::set<std::string> faulted;
  for (int i = 0; i < all.total_test_suite_count(); ++i)
    for (int j = 0; j < all.GetTestSuite(i)->total_test_count(); ++j)
      faulted.insert(
          fmt::format("{}.{}", all.GetTestSuite(i)->name(), all.GetTestSuite(i)->GetTestInfo(j)->name()));
  for (int i = 0; i < all.total_test_suite_count(); ++i) {
    const auto& suite = *all.GetTestSuite(i);
    const std::string name = suite.name();
    if (name.ends_with("_with_faults") || name.find('/') != std::string::npos || name == "FaultMode")
      continue;
    for (int j = 0; j < suite.total_test_count(); ++j)
      EXPECT_TRUE(faulted.contains(fmt::format("{}_with_faults.{}", name, suite.GetTestInfo(j)->name())))
          << name << "." << suite.GetTestInfo(j)->name() << ": write SCENARIO instead of TEST_F";
  }
}

// Before main: the listener must be there when the program begins.
[[maybe_unused]] const bool tally_is_printed = [] {
  ::testing::UnitTest::GetInstance()->listeners().Append(new TallyPrinter);
  return true;
}();

}  // namespace sidetone::test
