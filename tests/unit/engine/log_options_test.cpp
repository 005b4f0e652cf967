// What the options of system.diagnostics do to a log: each row fails when its option is ignored.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <regex>

#include "config/log_classes.h"
#include "config/reader.h"
#include "engine/log/log_header.h"
#include "engine/log/log_names.h"
#include "engine/log/log_targets.h"
#include "engine/log_settings.h"

namespace sidetone::engine {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

config::Configuration diagnostics(const std::string& settings) {
  return config::read_configuration(
             R"(<SipEndpoint><Container name="Basic"><Connectivity user="7001" server="sip.test:5060" protocol="udp"/>)"
             R"(</Container><Container name="Genesys"><settings version="1.0"><domain name="system">)"
             R"(<section name="diagnostics">)" +
                 settings + "</section></domain></settings></Container></SipEndpoint>",
             "test")
      .configuration;
}

std::string setting(const std::string& name, const std::string& value) {
  return fmt::format(R"(<setting name="{}" value="{}"/>)", name, value);
}

// A log by options, in a folder of its own.
class LogOptions : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              fmt::format("sidetone_log_options_{}_{}", ::getpid(),
                          testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override {
    log_.reset();
    fs::remove_all(folder_);
  }
  std::string path(const std::string& name = "phone.log") const { return (folder_ / name).string(); }
  // With log_segment=false, so that the file has the name that is asked for.
  Log& open(const std::string& settings, const std::string& file = "", bool segments = false) {
    given_.config_file = "test";
    auto made =
        log_settings(given_, diagnostics(setting("log_file", file.empty() ? path() : file) +
                                         (segments ? "" : setting("log_segment", "false")) + settings));
    EXPECT_TRUE(made) << made.error().text;
    log_ = std::make_unique<Log>(std::move(*made), clock_);
    return *log_;
  }
  static std::string content_of(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string content() {
    if (log_) EXPECT_TRUE(log_->flush());
    return content_of(path());
  }
  void write(LogTag tag, LogLevel level) {
    log_->write({.time = clock_.now(),
                 .level = level,
                 .tag = tag,
                 .text = fmt::format("[{} {}]", to_string(tag), to_string(level))});
  }
  void write_all() {
    for (const auto tag : {LogTag::sip, LogTag::call, LogTag::net, LogTag::media, LogTag::report})
      for (const auto level :
           {LogLevel::fatal, LogLevel::error, LogLevel::warning, LogLevel::info, LogLevel::debug})
        write(tag, level);
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator{}));
  }

  EndpointSettings given_;
  SteadyTime clock_;
  fs::path folder_;
  std::unique_ptr<Log> log_;
};

TEST_F(LogOptions, enable_logging) {
  open(setting("enable_logging", "0"));
  EXPECT_FALSE(log_->wants(LogTag::call, LogLevel::fatal));
  EXPECT_FALSE(log_->wants_sip());
  write_all();
  EXPECT_EQ(files(), 0U);
  open(setting("enable_logging", "1"));
  write_all();
  EXPECT_THAT(content(), HasSubstr("[call error]"));
}

TEST_F(LogOptions, logger_type) {
  open(setting("logger_type", ""), "stderr," + path());
  testing::internal::CaptureStderr();
  write_all();
  log_->flush();
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("[call error]"));
  EXPECT_EQ(files(), 0U);
  open(setting("logger_type", "file"));
  write_all();
  EXPECT_THAT(content(), HasSubstr("[call error]"));
}

TEST_F(LogOptions, log_file) {
  testing::internal::CaptureStdout();
  open("", path("one.log") + ",stdout, " + path("a/folder/two.log"));
  write(LogTag::call, LogLevel::error);
  log_->flush();
  log_.reset();
  EXPECT_THAT(testing::internal::GetCapturedStdout(), HasSubstr("[call error]"));
  EXPECT_THAT(content_of(path("one.log")), HasSubstr("[call error]"));
  EXPECT_THAT(content_of(path("a/folder/two.log")), HasSubstr("[call error]")) << "the folder is made";
  EXPECT_EQ(fs::status(path("one.log")).permissions() & fs::perms::group_all, fs::perms::none);
}

TEST_F(LogOptions, log_file_grammar) {
  using Kind = LogTarget::Kind;
  EXPECT_THAT(
      parse_log_targets("STDOUT, stderr ,~/x.log,'a, b.log',x.log,x.log,,", "/home/a"),
      ElementsAre(LogTarget{Kind::out, ""}, LogTarget{Kind::err, ""}, LogTarget{Kind::file, "/home/a/x.log"},
                  LogTarget{Kind::file, "a, b.log"}, LogTarget{Kind::file, "x.log"}));
  EXPECT_TRUE(parse_log_targets("", "/home/a").empty());
}

TEST_F(LogOptions, log_level) {
  open(setting("log_level", "1") + setting("log_options_endpoint", "4"));
  write_all();
  EXPECT_FALSE(log_->wants_sip()) << "SIP messages are informative";
  auto text = content();
  for (const auto* tag : {"sip", "call", "net", "media", "report"}) {
    EXPECT_THAT(text, HasSubstr(fmt::format("[{} error]", tag)));
    EXPECT_THAT(text, Not(HasSubstr(fmt::format("[{} warning]", tag))));
  }
  open(setting("log_level", "4"), path("b"));
  EXPECT_TRUE(log_->wants(LogTag::net, LogLevel::debug));
  EXPECT_TRUE(log_->wants_sip());
}

TEST_F(LogOptions, log_options_endpoint) {
  open("");
  EXPECT_TRUE(log_->wants(LogTag::call, LogLevel::warning)) << "default 2";
  EXPECT_FALSE(log_->wants(LogTag::call, LogLevel::info));
  EXPECT_TRUE(log_->wants(LogTag::net, LogLevel::info)) << "another part of the log";
  open(setting("log_options_endpoint", "3"), path("b"));
  for (const auto tag : {LogTag::call, LogTag::reg, LogTag::device, LogTag::config, LogTag::engine})
    EXPECT_TRUE(log_->wants(tag, LogLevel::info));
  open(setting("log_options_endpoint", "5"), path("c"));
  EXPECT_FALSE(log_->wants(LogTag::call, LogLevel::fatal)) << "off";
  EXPECT_TRUE(log_->wants(LogTag::net, LogLevel::info));
  open(setting("log_options_endpoint", "4"), path("d"));
  EXPECT_FALSE(log_->wants(LogTag::call, LogLevel::debug)) << "log_level is 3";
}

TEST_F(LogOptions, log_options_provider) {
  open(setting("log_level", "4") + setting("log_options_provider", "gsip=1,webrtc=(error,critical),pjnt=5"));
  write_all();
  EXPECT_FALSE(log_->wants_sip()) << "gsip below 2";
  const auto text = content();
  EXPECT_THAT(text, AllOf(HasSubstr("[sip error]"), Not(HasSubstr("[sip warning]"))));
  EXPECT_THAT(
      text, AllOf(HasSubstr("[media error]"), HasSubstr("[media fatal]"), Not(HasSubstr("[media warning]"))));
  EXPECT_THAT(text, Not(HasSubstr("[net fatal]")));
  open(setting("log_options_provider", "gsip=2"), path("b"));
  EXPECT_TRUE(log_->wants_sip()) << "as in the log of the observed product";
}

TEST_F(LogOptions, log_options_provider_grammar) {
  using config::LogClass;
  struct Row {
    const char* text;
    std::optional<LogClass> log_class;  // none: refused
    std::string levels;                 // letters of fewid
  };
  const Row rows[] = {
      {"gsip=0", LogClass::gsip, "f"},
      {" GSIP = 4 ", LogClass::gsip, "fewid"},
      {"pjnt=5", LogClass::pjnt, ""},
      {"webrtc=(error, critical)", LogClass::webrtc, "fe"},
      {"webrtc=(state,api)", LogClass::webrtc, "i"},
      {"rtpt=debug", LogClass::rtpt, "d"},
      {"webrtc=()", LogClass::webrtc, ""},
      {"gsip=6", {}, ""},
      {"gsip=loud", {}, ""},
      {"webrtc=(error", {}, ""},
      {"warning", {}, ""},
      {"sofia=3", {}, ""},
      {"", {}, ""},
  };
  for (const auto& row : rows) {
    const auto read = config::parse_class_levels(row.text);
    ASSERT_EQ(read.has_value(), row.log_class.has_value()) << row.text;
    if (!read) {
      EXPECT_THAT(read.error().remedy, HasSubstr("critical"));
      continue;
    }
    EXPECT_EQ(read->log_class, *row.log_class) << row.text;
    std::string levels;
    for (int i = 0; i < 5; ++i)
      if (read->levels.has(static_cast<LogLevel>(i))) levels += "fewid"[i];
    EXPECT_EQ(levels, row.levels) << row.text;
  }
}

TEST_F(LogOptions, log_filter_dtmf) {
  const auto digits = [this] {
    log_->trace({.time = clock_.now(),
                 .transport = "UDP",
                 .bytes = std::make_shared<const std::string>(
                     "INFO sip:a@b SIP/2.0\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal=7\r\n")});
    return content();
  };
  open("");
  EXPECT_THAT(digits(), HasSubstr("Signal=7"));
  open(setting("log_filter", "dtmf"), path("b"));
  static_cast<void>(digits());
  EXPECT_THAT(content_of(path("b")), AllOf(HasSubstr("Signal=x"), Not(HasSubstr("Signal=7"))));
}

TEST_F(LogOptions, log_segment_and_log_expire) {
  open(setting("log_segment", "10 KB") + setting("log_expire", "3 file"), "", true);
  for (int i = 0; i < 200; ++i) {
    log_->write({.time = clock_.now(), .level = LogLevel::error, .text = std::string(1000, 'x')});
    log_->flush();
  }
  EXPECT_EQ(files(), 3U);
  open(setting("log_segment", "10") + setting("log_expire", "false"), path("all.log"), true);
  for (int i = 0; i < 105; ++i)
    log_->write({.time = clock_.now(), .level = LogLevel::error, .text = std::string(1000, 'x')});
  log_->flush();
  EXPECT_EQ(files(), 3U + 11U);
}

TEST_F(LogOptions, log_time_convert) {
  ::setenv("TZ", "XXX-05:30", 1);
  ::tzset();
  const WallTime noon{std::chrono::sys_days(std::chrono::year(2001) / 7 / 24) + std::chrono::hours(12)};
  EXPECT_EQ(LogTimeWriter({.utc = true}).text(noon), "12:00:00.000");
  EXPECT_EQ(LogTimeWriter({.utc = false}).text(noon), "17:30:00.000");
  EXPECT_TRUE(log_settings(given_, diagnostics(setting("log_time_convert", "utc")))->time.utc);
  EXPECT_FALSE(log_settings(given_, diagnostics(""))->time.utc);
  ::unsetenv("TZ");
  ::tzset();
}

TEST_F(LogOptions, log_time_format) {
  const WallTime time{std::chrono::sys_days(std::chrono::year(2001) / 7 / 24) + std::chrono::hours(4) +
                      std::chrono::minutes(58) + std::chrono::milliseconds(10123)};
  using Format = LogTimeForm::Format;
  EXPECT_EQ(LogTimeWriter({true, Format::time}).text(time), "04:58:10.123");
  EXPECT_EQ(LogTimeWriter({true, Format::iso8601}).text(time), "2001-07-24T04:58:10.123") << "the guide's";
  ::setenv("LC_ALL", "C", 1);
  EXPECT_EQ(LogTimeWriter({true, Format::locale}).text(time), "07/24/01 04:58:10");
  ::unsetenv("LC_ALL");
  const std::pair<const char*, const char*> rows[] = {
      {"time", R"(\d\d:\d\d:\d\d\.\d{3}\|\d+\|ERR call   \[call error\]\n)"},
      {"ISO8601", R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\|\d+\|ERR call   \[call error\]\n)"}};
  for (const auto& [format, expected] : rows) {
    open(setting("log_time_format", format), path(format));
    write(LogTag::call, LogLevel::error);
    log_->flush();
    const auto text = content_of(path(format));
    EXPECT_TRUE(std::regex_search(text, std::regex(std::string("\n") + expected))) << text;
  }
}

// --- what the user of the SDK or the command line says

TEST_F(LogOptions, what_the_user_says_wins) {
  const auto file = diagnostics(setting("enable_logging", "0") + setting("logger_type", "") +
                                setting("log_level", "0") + setting("log_time_format", "locale"));
  given_.config_file = "test";
  given_.log_file = path("mine.log");
  given_.log_debug = true;
  given_.log_time_format = "ISO8601";
  const auto made = log_settings(given_, file);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->file, path("mine.log"));
  EXPECT_TRUE(made->paths_allowed);
  EXPECT_EQ(made->detail, LogDetail::up_to(LogLevel::debug));
  EXPECT_EQ(made->time.format, LogTimeForm::Format::iso8601);
  EXPECT_FALSE(made->segments.segmented()) << "the very file that was named";
  given_.log_segment = "1 MB";
  EXPECT_TRUE(log_settings(given_, file)->segments.segmented());
}

TEST_F(LogOptions, what_the_user_says_wrongly_is_named) {
  using Change = void (*)(EndpointSettings&);
  const std::pair<Change, const char*> rows[] = {
      {[](EndpointSettings& s) { s.log_level = 5; }, "log_level"},
      {[](EndpointSettings& s) { s.log_segment = "10 days"; }, "log_segment"},
      {[](EndpointSettings& s) { s.log_expire = "0 file"; }, "log_expire"},
      {[](EndpointSettings& s) { s.log_time_convert = "gmt"; }, "log_time_convert"},
      {[](EndpointSettings& s) { s.log_time_format = "iso"; }, "log_time_format"},
  };
  for (const auto& [change, name] : rows) {
    EndpointSettings given;
    change(given);
    const auto made = log_settings(given, config::Configuration());
    ASSERT_FALSE(made) << name;
    EXPECT_THAT(made.error().text, HasSubstr(name));
    EXPECT_FALSE(made.error().remedy.empty());
  }
}

class Collector final : public Logger {
 public:
  void write(const LogLine& line) override {
    std::lock_guard lock(mutex_);
    lines_.push_back(line);
  }
  std::vector<LogLine> lines() const {
    std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<LogLine> lines_;
};

TEST_F(LogOptions, a_logger_gets_the_lines_with_their_ids_and_no_secret) {
  const auto logger = std::make_shared<Collector>();
  EndpointSettings given;
  given.logger = logger;
  auto made = log_settings(given, config::Configuration());
  ASSERT_TRUE(made);
  Log log(std::move(*made), clock_);
  log.name({.account = 4, .line = 2});
  log.name({.account = 4, .session = 9, .call_id = "abc@x"});
  log.name({.session = 9, .call = 17});
  log.trace(
      {.time = clock_.now(),
       .transport = "UDP",
       .bytes = std::make_shared<const std::string>(
           "INVITE sip:a@b SIP/2.0\r\ni : abc@x\r\nAuthorization: Digest response=\"5ecret\"\r\n\r\n")});
  log.write({.time = clock_.now(), .tag = LogTag::call, .text = "ended", .account = 4, .session = 9});
  log.write(
      {.time = clock_.now(), .tag = LogTag::reg, .text = "refused by sip:7001:5ecret@host", .account = 4});
  ASSERT_TRUE(log.flush());
  const auto lines = logger->lines();
  ASSERT_EQ(lines.size(), 3U);
  for (const auto& line : lines) {
    EXPECT_EQ(line.line, LineId{2}) << line.text;
    EXPECT_THAT(line.text, Not(HasSubstr("5ecret")));
    EXPECT_EQ(line.level, 3);
  }
  EXPECT_EQ(lines[0].component, "sip");
  EXPECT_EQ(lines[0].call, CallId{17});
  EXPECT_EQ(lines[1].call, CallId{17});
  EXPECT_EQ(lines[2].call, CallId{});
}

// --- change while it runs

TEST_F(LogOptions, reconfigure_changes_levels_and_files_at_once) {
  open("");
  EXPECT_FALSE(log_->wants(LogTag::call, LogLevel::info));
  write(LogTag::call, LogLevel::error);
  given_.config_file = "test";
  auto next =
      log_settings(given_, diagnostics(setting("log_file", path("b.log")) + setting("log_segment", "false") +
                                       setting("log_options_endpoint", "3")));
  ASSERT_TRUE(next);
  log_->reconfigure(std::move(*next));
  EXPECT_TRUE(log_->wants(LogTag::call, LogLevel::info));
  write(LogTag::call, LogLevel::info);
  EXPECT_THAT(content(), AllOf(HasSubstr("[call error]"), Not(HasSubstr("[call info]"))));
  EXPECT_THAT(content_of(path("b.log")), HasSubstr("[call info]"));
  log_->reconfigure(*log_settings(given_, diagnostics(setting("enable_logging", "0"))));
  EXPECT_FALSE(log_->wants(LogTag::call, LogLevel::fatal));
}

TEST_F(LogOptions, reconfigure_tells_the_new_configuration_where_the_files_stay) {
  open("");
  write(LogTag::call, LogLevel::error);
  given_.config_file = "test";
  log_->reconfigure(*log_settings(
      given_, diagnostics(setting("log_file", path()) + setting("log_segment", "false") +
                          setting("log_expire", "10") + R"(<setting name="sonderbar" value="neu"/>)")));
  const auto text = content();
  const auto changed = text.find("the configuration has changed");
  ASSERT_NE(changed, std::string::npos);
  EXPECT_NE(text.find("sonderbar = \"neu\"", changed), std::string::npos);
}

TEST_F(LogOptions, an_unwritable_folder_of_the_configuration_is_told_once_and_stops_nothing) {
  std::vector<std::string> told;
  std::mutex mutex;
  given_.config_file = "test";
  auto made = log_settings(given_, diagnostics(setting("log_file", "/dev/null/no/phone.log")));
  testing::internal::CaptureStderr();
  {
    Log log(std::move(*made), clock_, [&](const Error& error) {
      std::lock_guard lock(mutex);
      told.push_back(error.text);
    });
    for (int i = 0; i < 1000; ++i) {
      log.write({.time = clock_.now(), .level = LogLevel::error, .text = "lost"});
      if (i % 100 == 0) log.flush();
    }
  }
  const auto printed = testing::internal::GetCapturedStderr();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_THAT(told[0], HasSubstr("/dev/null/no/phone"));
  EXPECT_THAT(printed, HasSubstr("/dev/null/no/phone"));
}

TEST_F(LogOptions, a_full_device_stops_nothing) {
  open("", "/dev/full," + path());
  testing::internal::CaptureStderr();
  for (int i = 0; i < 1000; ++i) write(LogTag::call, LogLevel::error);
  EXPECT_TRUE(log_->flush());
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("/dev/full"));
  const auto text = content();
  std::size_t lines = 0;
  for (auto at = text.find("[call error]"); at != std::string::npos; at = text.find("[call error]", at + 1))
    ++lines;
  EXPECT_EQ(lines, 1000U) << "the other target has all of it";
}

// --- header and configuration

TEST_F(LogOptions, each_file_begins_with_the_header_and_the_configuration_with_secrets_starred) {
  given_.config_file = "test";
  const auto file =
      config::read_configuration(
          R"(<SipEndpoint><Container name="Basic"><Connectivity user="7001" server="a:5060" protocol="udp"/>
      </Container><Container name="Genesys"><settings version="1.0"><domain name="proxies"><section name="proxy0">
      <setting name="password" value="xyzzy-4711-plugh"/><setting name="passwort" value="xyzzy-4711-plugh"/>
      <section name="mailbox"><setting name="password" value="xyzzy-4711-plugh"/></section>
      <section name="nat"><setting name="turn_password" value="xyzzy-4711-plugh"/></section>
      </section></domain></settings></Container></SipEndpoint>)",
          "test")
          .configuration;
  auto made = log_settings(given_, file);
  made->file = path();
  made->segments = {{config::LogSegment::Unit::bytes, 1000}, {}};
  log_ = std::make_unique<Log>(std::move(*made), clock_);
  for (int i = 0; i < 5; ++i)
    log_->write({.time = clock_.now(), .level = LogLevel::error, .text = std::string(600, 'x')});
  log_->flush();
  EXPECT_EQ(files(), 3U);
  for (const auto& each : fs::directory_iterator(folder_)) {
    const auto text = content_of(each.path());
    for (const auto* wanted :
         {"*** Application:", "*** Command line:", "*** Host name:", "*** Time zone:", "*** UTC time:",
          "*** Local time:", "*** Running time:", "*** Host:", "*** System:", "*** File:", "*** Library:",
          "*** Log classes:   gsept=2,", "<domain name=\"proxies\">",
          "<Connectivity user=\"7001\" server=\"a:5060\" protocol=\"udp\">", "password = \"********\"",
          "reg_timeout = \"1800\"  (default)"})
      EXPECT_THAT(text, HasSubstr(wanted)) << each.path();
    EXPECT_THAT(text, HasSubstr(each.path().string()));
    EXPECT_THAT(text, Not(HasSubstr("xyzzy")));
  }
}

TEST(LogHeader, secrets_of_the_command_line_are_starred) {
  EXPECT_EQ(shown_command_line({"sidetone", "--password", "xyzzy", "--user", "7001", "--api-token=xyzzy",
                                "--password-env", "PW", "sip:7001:xyzzy@host", "--user", "7001:xyzzy",
                                "--user=7002:xyzzy", "a\nb"}),
            "sidetone --password *** --user 7001 --api-token=*** --password-env PW sip:7001:***@host --user "
            "7001:*** "
            "--user=7002:*** a b");
}

TEST(LogNames, call_id_of_messages) {
  EXPECT_EQ(call_id_in("INVITE x\r\nVia: y\r\nCall-ID: abc@1\r\n\r\n"), "abc@1");
  EXPECT_EQ(call_id_in("INVITE x\ni:abc"), "abc");
  EXPECT_EQ(call_id_in("INVITE x\r\n\r\nCall-ID: in-the-body"), "");
  EXPECT_EQ(call_id_in(""), "");
}

TEST(LogNames, old_names_are_forgotten_and_late_ones_complete_early_ones) {
  LogNameBook book;
  book.learn({.account = 1, .line = 0});
  for (std::uint64_t i = 1; i <= 10'000; ++i) {
    book.learn({.account = 1, .session = i, .call_id = std::to_string(i)});
    book.learn({.session = i, .call = i + 5});
  }
  EXPECT_EQ(book.of_call_id("10000"), (LogNameBook::Name{0U, 10'005}));
  EXPECT_EQ(book.of_call_id("1"), LogNameBook::Name{}) << "bounded";
  LogRecord record{.account = 1, .session = 10'000};
  book.complete(record);
  EXPECT_EQ(record.line, 0U);
  EXPECT_EQ(record.call, 10'005U);
}

}  // namespace
}  // namespace sidetone::engine
