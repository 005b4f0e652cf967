// A scenario is a test that is also run with faults: for each message of its clean run, that message's
// sending fails, or it is lost, doubled, late or very late (mishap.h). The script's own expectations mean
// nothing then; what counts is that afterwards the checkers of call_checks.h find nothing.
//
//   SCENARIO(SipCall, basic_call) { ... }      instead of TEST_F
//
// gives two tests: SipCall.basic_call, and SipCall_with_faults.basic_call with all its faulted runs.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "mishap.h"

namespace sidetone::test {

// What a driver of faulted runs needs of the world in which a scenario plays.
class FaultyWorld {
 public:
  virtual ~FaultyWorld() = default;
  virtual void befall(Mishap mishap) = 0;
  [[nodiscard]] virtual std::size_t messages() const = 0;
  // The script has ended, perhaps in the middle: lets the world come to rest, has users hang up what is still
  // up, and returns what the checkers found; empty: nothing.
  virtual std::string judge() = 0;
  [[nodiscard]] virtual std::string ladder() const = 0;
};

class Scenario : public ::testing::Test {
 public:
  virtual FaultyWorld& faulty_world() = 0;
  virtual void script() {}
  // The script with the fixture's own preparation around it, its expectations unheard.
  void play_unheard();

 protected:
  void TestBody() override { script(); }
};

using ScenarioFactory = std::function<std::unique_ptr<Scenario>()>;

// All faulted runs of one scenario, as one test.
class FaultRuns : public ::testing::Test {
 public:
  explicit FaultRuns(ScenarioFactory make) : make_(std::move(make)) {}

 private:
  void TestBody() override;
  std::string run(Mishap mishap, std::size_t& messages) const;

  ScenarioFactory make_;
};

template <typename Fixture, typename Script>
bool add_scenario(const char* suite, const char* name, const char* file, int line) {
  ::testing::RegisterTest(suite, name, nullptr, nullptr, file, line, []() -> Fixture* { return new Script; });
  ::testing::RegisterTest(
      (std::string(suite) + "_with_faults").c_str(), name, nullptr, nullptr, file, line,
      []() -> FaultRuns* { return new FaultRuns([] { return std::make_unique<Script>(); }); });
  return true;
}

// NOLINTBEGIN(bugprone-macro-parentheses): a class is named, no value
#define SCENARIO(fixture, name)                                                                       \
  class fixture##_##name##_scenario : public fixture {                                                \
   public:                                                                                            \
    void script() override;                                                                           \
  };                                                                                                  \
  [[maybe_unused]] const bool fixture##_##name##_added =                                              \
      ::sidetone::test::add_scenario<fixture, fixture##_##name##_scenario>(#fixture, #name, __FILE__, \
                                                                           __LINE__);                 \
  void fixture##_##name##_scenario::script()
// NOLINTEND(bugprone-macro-parentheses)

}  // namespace sidetone::test
