// What an agent does with a call, as text, and what became of many.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "agents/pending_dials.h"
#include "agents/report.h"
#include "agents/script.h"

namespace sidetone::lab {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(AgentScript, IsReadStepByStep) {
  const auto script = parse_script("ring 1.5; talk 10;hold 3 ; talk 0.25; dtmf 12#; customer-hangup;");
  ASSERT_TRUE(script) << describe(script.error());
  EXPECT_EQ(script->ring, 1500ms);
  ASSERT_EQ(script->steps.size(), 4U);
  EXPECT_EQ(script->steps[1].kind, AgentStep::Kind::hold);
  EXPECT_EQ(script->steps[2].span, 250ms);
  EXPECT_EQ(script->steps[3].digits, "12#");
  EXPECT_TRUE(script->customer_hangs_up);
  EXPECT_EQ(length_of(*script), 13250ms);
  EXPECT_TRUE(parse_script(""));
}

TEST(AgentScript, WhatIsWrongIsNamedByItsStep) {
  struct Row {
    std::string_view text, reason;
  };
  for (const auto& [text, reason] : {
           Row{"talk", "step 1 of the script, 'talk': it wants seconds"},
           Row{"talk 1; hold x", "step 2 of the script, 'hold x'"},
           Row{"talk -1", "seconds"},
           Row{"talk 1e9", "seconds"},
           Row{"talk nan", "seconds"},
           Row{"talk 1; ring 1", "ring comes first"},
           Row{"hangup; talk 1", "nothing comes after"},
           Row{"hangup 5", "no value"},
           Row{"dtmf 12x", "digits"},
           Row{"sing 3", "there are ring, talk"},
       }) {
    const auto script = parse_script(text);
    ASSERT_FALSE(script) << text;
    EXPECT_THAT(script.error().text, HasSubstr(reason));
  }
  std::string long_one;
  for (int i = 0; i < 101; ++i) long_one += "talk 1;";
  EXPECT_FALSE(parse_script(long_one));
}

TEST(PendingDials, AFailureIsTheOldestOnes) {
  PendingDials dials;
  // Neither in the order of their names.
  for (const auto* dn : {"8003", "8001", "8002"}) dials.ask(dn, Time(1s));
  EXPECT_FALSE(dials.added("8001")) << "the one before it has no answer yet";
  EXPECT_EQ(dials.failed()->dn, "8003");
  EXPECT_EQ(dials.added("8001")->dn, "8001");
  EXPECT_EQ(dials.failed()->dn, "8002");
  EXPECT_TRUE(dials.empty());
  EXPECT_FALSE(dials.failed());
  EXPECT_FALSE(dials.added("8002"));
}

TEST(LoadReport, TellsPercentilesAndReasons) {
  LoadReport report;
  for (int i = 1; i <= 100; ++i) {
    report.started();
    report.rang(LoadReport::Milliseconds(i));
    if (i <= 98) report.finished();
  }
  report.failed("refused with 486");
  report.failed("refused with 486");
  report.nobody_free();
  report.heard(4.1, 500, 1);
  report.heard(0, 0, 0);  // heard nothing: no score
  EXPECT_EQ(report.failures(), 2U);
  EXPECT_EQ(report.over(), 100U);
  const auto text = report.text(LoadReport::Milliseconds(10000));
  EXPECT_THAT(text, HasSubstr("calls 100, finished 98, failed 2, in 10.0 s (10.0/s)"));
  EXPECT_THAT(text, HasSubstr("failed 2 times: refused with 486"));
  EXPECT_THAT(text, HasSubstr("1 calls were not made"));
  EXPECT_THAT(text, HasSubstr("median 50.0, 95 % 95.0, 99 % 99.0, worst 100.0 ms"));
  EXPECT_THAT(text, HasSubstr("MOS of 1 ends: worst 4.10"));
  const auto json = boost::json::serialize(report.to_json(LoadReport::Milliseconds(10000)));
  EXPECT_THAT(json, HasSubstr(R"("failures":{"refused with 486":2})"));
}

}  // namespace
}  // namespace sidetone::lab
