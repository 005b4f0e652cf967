#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <regex>

#include "engine/log_format.h"
#include "engine/log_limit.h"
#include "engine/log_sink.h"

namespace sidetone::engine {
namespace {

using std::chrono::milliseconds;

const LogStamp stamp{"14:03:35.123", 1402};

TEST(LogFormat, OneRecordIsOneLine) {
  struct Row {
    LogRecord record;
    const char* expected;
  };
  const Row rows[] = {
      {{.level = LogLevel::info, .tag = LogTag::engine, .text = "started"},
       "14:03:35.123|1402|-i- engine started"},
      {{.level = LogLevel::warning, .tag = LogTag::reg, .line = 2, .text = "503"},
       "14:03:35.123|1402|Wrn reg    line=2 503"},
      {{.level = LogLevel::error, .tag = LogTag::call, .line = 0, .call = 7, .text = "ended"},
       "14:03:35.123|1402|ERR call   line=0 call=7 ended"},
      {{.level = LogLevel::debug, .tag = LogTag::net, .text = "a\r\nb\x1b[0m"},
       "14:03:35.123|1402|-d- net    a\\r\\nb\\x1b[0m"},
      {{.tag = LogTag::report, .call = 7, .text = "a\nb\x1b\n"},
       "14:03:35.123|1402|-i- report call=7 a\n14:03:35.123|1402|-i- report call=7 b\\x1b"},
      {{.level = LogLevel::fatal, .tag = LogTag::media, .text = ""}, "14:03:35.123|1402|!!! media  "},
  };
  for (const auto& row : rows) EXPECT_EQ(format_record(row.record, stamp), row.expected);
}

SipRecord sip_record(SipDirection direction, std::string bytes) {
  return {.time = {},
          .direction = direction,
          .local = Address::parse("192.0.2.9:5060", 0).value(),
          .remote = Address::parse("[2001:db8::7]:5070", 0).value(),
          .transport = "UDP",
          .bytes = std::make_shared<const std::string>(std::move(bytes))};
}

TEST(LogFormat, SipTraceHasDirectionPeersSizeAndNoCredentials) {
  EXPECT_EQ(
      format_sip(sip_record(SipDirection::out, "OPTIONS sip:a SIP/2.0\r\n\r\n"), stamp, {1, 3}),
      "14:03:35.123|1402|-i- sip    line=1 call=3 UDP 192.0.2.9:5060 >>>>> [2001:db8::7]:5070 25 bytes\n"
      "OPTIONS sip:a SIP/2.0\r\n\r\n");
  const auto in =
      format_sip(sip_record(SipDirection::in, "X a SIP/2.0\r\nAuthorization: Digest response=\"s3\""), stamp);
  EXPECT_NE(in.find(" <<<<< "), std::string::npos);
  EXPECT_EQ(in.find("s3"), std::string::npos);
  EXPECT_TRUE(in.ends_with('\n'));
}

TEST(LogLimit, burst_then_a_rate_then_one_line_about_the_gap) {
  LogLimit limit(1000, 100);
  Time now{std::chrono::seconds(1)};
  int admitted = 0;
  for (int i = 0; i < 50; ++i) admitted += limit.admits(50, now) ? 1 : 0;
  EXPECT_EQ(admitted, 20);
  EXPECT_FALSE(limit.admits(50, now + milliseconds(900))) << "a gap lasts until a second's worth is there";
  EXPECT_TRUE(limit.admits(50, now + milliseconds(1001)));
  const auto gap = limit.take_gap();
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->rfind("31 records, 1 kB", 0), 0U) << *gap;
  EXPECT_FALSE(limit.take_gap());
  for (int i = 0; i < 3600; ++i) admitted += limit.admits(50, now += std::chrono::seconds(1)) ? 1 : 0;
  EXPECT_GT(admitted, 3600) << "below the limit nothing is left out";
}

TEST(LogLimit, zero_is_no_limit_and_a_clock_that_stands_still_no_fault) {
  LogLimit none(10, 0);
  EXPECT_TRUE(none.admits(1 << 20, Time{}));
  LogLimit small(10, 1);
  EXPECT_TRUE(small.admits(1 << 20, Time{})) << "larger than the burst, and nothing came before it";
  EXPECT_FALSE(small.admits(1, Time{}));
  EXPECT_FALSE(small.admits(1, Time{std::chrono::hours(9)})) << "it has to be paid for";
}

class LogSinkTest : public testing::Test {
 protected:
  void TearDown() override { std::remove(path_.c_str()); }
  std::string content() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string path_ = testing::TempDir() + "sidetone_log_" + std::to_string(::getpid()) + "_" +
                      testing::UnitTest::GetInstance()->current_test_info()->name();
  SteadyTime clock_;
};

TEST_F(LogSinkTest, WhatWasFlushedIsOnDiskWithWallClockTime) {
  const auto sink = open_log({.file = path_}, clock_);
  ASSERT_TRUE(sink);
  (*sink)->write({.time = clock_.now(), .tag = LogTag::call, .call = 3, .text = "ringing"});
  EXPECT_TRUE((*sink)->flush());
  const std::regex line(R"(\n\d\d:\d\d:\d\d\.\d{3}\|\d+\|-i- call   call=3 ringing\n$)");
  EXPECT_TRUE(std::regex_search(content(), line)) << content();
}

// A pipe that nobody reads, as stdout may be, is full after 64 kB.
TEST_F(LogSinkTest, AHangingTargetCostsLinesAndNobodysTime) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  const int reader = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK);
  {
    const auto sink = open_log({.file = path_}, clock_);
    ASSERT_TRUE(sink);
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 200'000; ++i) (*sink)->write({.text = "one of two hundred thousand lines"});
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
  }
  ::close(reader);
}

// A Logger of an application that takes its time: the queue is bounded, and a line tells what is missing.
TEST_F(LogSinkTest, AFullQueueDropsAndSaysHowMuch) {
  struct Gate final : Logger {
    void write(const LogLine& line) override {
      std::unique_lock lock(mutex);
      texts.push_back(line.text);
      changed.notify_all();
      changed.wait(lock, [&] { return open; });
    }
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> texts;
    bool open = false;
  };
  const auto gate = std::make_shared<Gate>();
  LogSettings settings{.file = ""};
  settings.logger = gate;
  Log log(settings, clock_);
  log.write({.text = "first"});
  {
    std::unique_lock lock(gate->mutex);
    gate->changed.wait(lock, [&] { return !gate->texts.empty(); });
  }
  for (int i = 0; i < 20'000; ++i) log.write({.text = "x"});
  {
    std::lock_guard lock(gate->mutex);
    gate->open = true;
  }
  gate->changed.notify_all();
  while (!log.flush()) {
  }
  std::lock_guard lock(gate->mutex);
  EXPECT_EQ(gate->texts.size(), 1U + 16'384U + 1U);
  EXPECT_EQ(std::count(gate->texts.begin(), gate->texts.end(),
                       "3616 records are not in this log: they came faster than they could be written"),
            1);
}

TEST_F(LogSinkTest, KeepsToItsLevel) {
  const auto sink = open_log({.file = path_, .detail = LogDetail::up_to(LogLevel::warning)}, clock_);
  ASSERT_TRUE(sink);
  EXPECT_TRUE((*sink)->wants(LogTag::net, LogLevel::fatal));
  EXPECT_TRUE((*sink)->wants(LogTag::net, LogLevel::warning));
  EXPECT_FALSE((*sink)->wants(LogTag::net, LogLevel::info));
  EXPECT_FALSE((*sink)->wants_sip());
  (*sink)->write({.level = LogLevel::info, .text = "not this"});
  (*sink)->trace(sip_record(SipDirection::in, "nor this"));
  (*sink)->write({.level = LogLevel::error, .text = "but this"});
  EXPECT_TRUE((*sink)->flush());
  EXPECT_EQ(content().find("not this"), std::string::npos);
  EXPECT_EQ(content().find("nor this"), std::string::npos);
  EXPECT_NE(content().find("but this"), std::string::npos);
}

TEST_F(LogSinkTest, DebugLinesArriveByTheEnd) {
  {
    const auto sink = open_log({.file = path_, .detail = LogDetail::up_to(LogLevel::debug)}, clock_);
    ASSERT_TRUE(sink);
    (*sink)->write({.level = LogLevel::debug, .text = "detail {} %v"});
    (*sink)->trace(sip_record(SipDirection::out, "INVITE {} SIP/2.0\r\n\r\n"));
  }
  EXPECT_NE(content().find("detail {} %v"), std::string::npos);
  EXPECT_NE(content().find("INVITE {} SIP/2.0"), std::string::npos);
}

TEST_F(LogSinkTest, AFileThatCannotBeOpenedIsNamed) {
  const auto sink = open_log({.file = "/dev/null/no/log"}, clock_);
  ASSERT_FALSE(sink);
  EXPECT_NE(sink.error().text.find("/dev/null/no/log"), std::string::npos);
  EXPECT_FALSE(sink.error().remedy.empty());
}

}  // namespace
}  // namespace sidetone::engine
