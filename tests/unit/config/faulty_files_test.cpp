// Every way to get a file wrong that we could think of: each names file, line and option, and what is right.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/reader.h"
#include "files.h"

namespace sidetone::config {
namespace {

using testing::HasSubstr;

std::string all_of(const ReadResult& result) {
  std::string out;
  for (const auto& problem : result.problems) out += describe(problem) + "\n";
  return out;
}

struct SettingRow {
  std::string_view domain, section, setting;
  Severity severity;
  std::string_view starts;    // of the one line that is expected
  std::string_view contains;  // what is accepted, or what is used instead
};

class FaultySetting : public testing::TestWithParam<SettingRow> {};

TEST_P(FaultySetting, NamesPlaceOptionAndRemedy) {
  const auto& row = GetParam();
  const auto result =
      read_configuration(file_with_setting(row.domain, row.section, row.setting), "Softphone.config");
  ASSERT_EQ(result.problems.size(), 1U) << all_of(result);
  const auto& problem = result.problems.front();
  EXPECT_EQ(problem.severity, row.severity);
  EXPECT_EQ(result.usable(), row.severity == Severity::warning);
  const std::string line = describe(problem);
  EXPECT_THAT(line, testing::StartsWith("Softphone.config:6: " + std::string(row.starts)));
  EXPECT_THAT(line, HasSubstr(std::string(row.contains)));
  EXPECT_EQ(result.configuration.lines.size(), 1U) << "the rest of the file stays in force";
}

constexpr auto error = Severity::error;
constexpr auto warning = Severity::warning;

constexpr SettingRow setting_rows[] = {
    {"policy", "session", R"(<setting name="auto_answer" value="yes"/>)", error,
     "error: policy.session.auto_answer: 'yes' is neither 0 nor 1", "accepted: 0 or 1"},
    {"policy", "session", R"(<setting name="auto_answer" value="2"/>)", error,
     "error: policy.session.auto_answer: '2'", "0 or 1"},
    {"policy", "session", R"(<setting name="auto_answer" value=""/>)", warning,
     "warning: policy.session.auto_answer: is empty", "default 0 is used"},
    {"policy", "session", R"(<setting name="auto_answer"/>)", error,
     "error: policy.session.auto_answer: the setting has no value", "value="},
    {"policy", "session", R"(<setting name="auto_answer_delay" value="1.5"/>)", error,
     "error: policy.session.auto_answer_delay: '1.5' is not a whole number", "whole milliseconds"},
    {"policy", "session", R"(<setting name="auto_answer_delay" value="-1"/>)", error,
     "error: policy.session.auto_answer_delay: '-1' is out of range", "from 0 to 600000"},
    {"policy", "session", R"(<setting name="dtmf_method" value="rfc4733"/>)", error,
     "error: policy.session.dtmf_method: 'rfc4733' is not one of", "rfc2833, info or inbandrtp"},
    {"policy", "session", R"(<setting name="ringing_enabled" value="8"/>)", error,
     "error: policy.session.ringing_enabled: '8'", "6 or 7"},
    {"policy", "session", R"(<setting name="ringback_enabled" value="5"/>)", error,
     "error: policy.session.ringback_enabled: '5'", "4 or 6"},
    {"policy", "session", R"(<setting name="vad_level" value="4"/>)", error,
     "error: policy.session.vad_level: '4' is out of range", "from 0 to 3"},
    {"policy", "session", R"(<setting name="number_sessions_for_busy" value="0"/>)", error,
     "error: policy.session.number_sessions_for_busy: '0' is out of range", "from 1 to"},
    {"policy", "session", R"(<setting name="sip_code_when_busy" value="200"/>)", error,
     "error: policy.session.sip_code_when_busy: '200' is out of range", "from 400 to 699"},
    {"policy", "session", R"(<setting name="sip_code_when_headset_na" value="200"/>)", warning,
     "warning: policy.session.sip_code_when_headset_na: '200' is out of range", "480 is used"},
    {"policy", "session", R"(<setting name="ringing_file" value="ring.mp3"/>)", warning,
     "warning: policy.session.ringing_file: 'ring.mp3' cannot be played", "WAV"},
    {"policy", "session", R"(<setting name="reject_session_when_headset_na" value="1"/>)", warning,
     "warning: policy.session.reject_session_when_headset_na: has no effect", "use_headset"},
    {"policy", "session", R"(<setting name="auto_anwser" value="1"/>)", warning,
     "warning: policy.session.auto_anwser: is no option", "did you mean policy.session.auto_answer?"},
    {"policy", "endpoint", R"(<setting name="auto_answer" value="1"/>)", warning,
     "warning: policy.endpoint.auto_answer: is no option", "did you mean policy.session.auto_answer?"},
    {"policy", "endpoint", R"(<setting name="zzzzzzzzzzz" value="1"/>)", warning,
     "warning: policy.endpoint.zzzzzzzzzzz: is no option", "changes nothing"},
    {"policy", "endpoint", R"(<setting name="sip_port_min" value="70000"/>)", warning,
     "warning: policy.endpoint.sip_port_min: '70000' is out of range", "5060 is used"},
    {"policy", "endpoint", R"(<setting name="sip_port_max" value="5000"/>)", error,
     "error: policy.endpoint.sip_port_min: 5060 is above sip_port_max, 5000", "smaller port"},
    {"policy", "endpoint", R"(<setting name="rtp_port_max" value="8999"/>)", error,
     "error: policy.endpoint.rtp_port_min: 9000 is above rtp_port_max, 8999", "smaller port"},
    {"policy", "endpoint", R"(<setting name="rtp_port_max" value="9000"/>)", error,
     "error: policy.endpoint.rtp_port_min: the range holds no even port", "pair"},
    {"policy", "endpoint", R"(<setting name="rtp_port_min" value="8000"/>)", warning,
     "warning: policy.endpoint.rtp_port_min: 8000 is below the documented range of 9000 to 65535",
     "accepted"},
    {"policy", "endpoint", R"(<setting name="rtp_port_min" value="1023"/>)", warning,
     "warning: policy.endpoint.rtp_port_min: '1023' is out of range", "9000 is used"},
    {"policy", "endpoint", R"(<setting name="tcp_port_max" value="4000"/>)", warning,
     "warning: policy.endpoint.tcp_port_max: does not make a range", "system chooses"},
    {"policy", "endpoint", R"(<setting name="rtp_inactivity_timeout" value="3"/>)", error,
     "error: policy.endpoint.rtp_inactivity_timeout: '3' is out of range", "from 5 to 150, or 0"},
    {"policy", "endpoint", R"(<setting name="sip_transaction_timeout" value="0"/>)", error,
     "error: policy.endpoint.sip_transaction_timeout: '0' is out of range", "1 to 32000"},
    {"policy", "endpoint", R"(<setting name="ip_versions" value="ipv4+ipv6"/>)", error,
     "error: policy.endpoint.ip_versions: 'ipv4+ipv6'", "IPv4,IPv6"},
    {"policy", "endpoint", R"(<setting name="answer_sdp_priority" value="mine"/>)", error,
     "error: policy.endpoint.answer_sdp_priority: 'mine'", "config or offer"},
    {"policy", "endpoint", R"(<setting name="signaling_qos" value="EF"/>)", error,
     "error: policy.endpoint.signaling_qos: 'EF' is not a whole number", "0 to 63"},
    {"policy", "endpoint", R"(<setting name="vq_alarm_threshold" value="0.9"/>)", error,
     "error: policy.endpoint.vq_alarm_threshold: '0.9' is out of range", "1 to 5, or 0"},
    {"policy", "endpoint", R"(<setting name="vq_alarm_threshold" value="4.4"/>)", warning,
     "warning: policy.endpoint.vq_alarm_threshold: some codecs never reach", "3.5"},
    {"policy", "endpoint", R"(<setting name="vq_report_publish" value="1"/>)", warning,
     "warning: policy.endpoint.vq_report_publish: there is no collector", "vq_report_collector"},
    {"policy", "endpoint", R"(<setting name="webrtc_audio_layer" value="7"/>)", error,
     "error: policy.endpoint.webrtc_audio_layer: '7'", "3000"},
    {"policy", "endpoint", R"(<setting value="7"/>)", error, "error: element 'setting' has no usable name",
     "name="},
    {"policy", "endpoint", R"(<setings name="x" value="7"/>)", warning,
     "warning: element 'setings' inside a section", "setting or section"},
    {"policy", "connector", R"(<setting name="port" value="0"/>)", error,
     "error: policy.connector.port: '0' is out of range", "1 to 65535"},
    {"policy", "connector", R"(<setting name="protocol" value="wss"/>)", error,
     "error: policy.connector.protocol: 'wss'", "http or https"},
    {"policy", "codecs", R"(<setting name="pcmu" value="10"/>)", warning,
     "warning: policy.codecs.pcmu: is deprecated", "codecs.enabled.audio"},
    {"policy", "device", R"(<setting name="use_headset" value="maybe"/>)", error,
     "error: policy.device.use_headset: 'maybe'", "0 or 1"},
    {"policy", "device", R"(<setting name="use_headset" value="1"/>)", warning,
     "warning: policy.device.use_headset: no headset is listed", "headset_name"},
    {"policy", "device", R"(<setting name="audio_in_device" value="Mic (Realtek"/>)", warning,
     "warning: policy.device.audio_in_device: 'Mic (Realtek' is no regular expression", "proper name"},
    {"policy", "device", R"(<setting name="exclude_headset" value="["/>)", warning,
     "warning: policy.device.exclude_headset: '[' is no regular expression", "proper name"},
    {"policy", "device", R"(<setting name="include_headset" value="a:b,Headphones"/>)", error,
     "error: policy.device.include_headset: 'Headphones' is no pair", "microphone:speaker"},
    {"policy", "device", R"(<setting name="include_headset" value="'External Mic:Headphones"/>)", error,
     "error: policy.device.include_headset: ''External Mic:Headphones' has a quote", "quotes around"},
    {"policy", "device", R"(<setting name="include_headset" value="a:b:c"/>)", error,
     "error: policy.device.include_headset: 'a:b:c' is more than a pair", "microphone:speaker"},
    {"policy", "device", R"(<setting name="include_headset" value="Mic:"/>)", error,
     "error: policy.device.include_headset: 'Mic:' names only one device", "microphone:speaker"},
    {"policy", "session", R"(<setting name="ringing_enabled" value="4"/>)", warning,
     "warning: policy.session.ringing_enabled: no ringer_device", "ringer_device"},
    {"codecs", "enabled", R"(<setting name="audio" value=""/>)", warning,
     "warning: codecs.enabled.audio: no audio codec is enabled", "pcmu"},
    {"codecs", "iLBC/8000", R"(<setting name="payload_type" value="128"/>)", error,
     "error: codecs.ilbc/8000.payload_type: '128' is out of range", "0 to 127"},
    {"codecs", "h264", R"(<setting name="profile" value="High"/>)", warning,
     "warning: codecs.h264.profile: 'High'", "Baseline is used"},
    {"proxies", "proxy0", R"(<setting name="reg_timeout" value="never"/>)", warning,
     "warning: proxies.proxy0.reg_timeout: 'never' is not a whole number", "0 is used"},
    {"proxies", "proxy0", R"(<setting name="reg_interval" value="-5"/>)", warning,
     "warning: proxies.proxy0.reg_interval: '-5' is out of range", "0 is used"},
    {"proxies", "proxy0", R"(<setting name="reg_match_received_rport" value="1"/>)", warning,
     "warning: proxies.proxy0.reg_match_received_rport: is deprecated", "by itself"},
    {"proxies", "proxy0", R"(<setting name="pasword" value="sesame"/>)", warning,
     "warning: proxies.proxy0.pasword: is no option", "did you mean proxies.proxyN.password?"},
    {"system", "security", R"(<setting name="use_srtp" value="on"/>)", error,
     "error: system.security.use_srtp: 'on'", "force (mandatory)"},
    {"system", "security", R"(<setting name="tls_enabled" value="1"/>)", warning,
     "warning: system.security.tls_enabled: is accepted and changes nothing", "protocol decides"},
    {"system", "diagnostics", R"(<setting name="log_level" value="5"/>)", error,
     "error: system.diagnostics.log_level: '5'", "4 (debug)"},
    {"system", "diagnostics", R"(<setting name="log_segment" value="10 GB"/>)", error,
     "error: system.diagnostics.log_segment: '10 GB' has an unknown unit", "n MB"},
    {"system", "diagnostics", R"(<setting name="log_expire" value="5000"/>)", error,
     "error: system.diagnostics.log_expire: '5000' is out of range", "1 to 1000"},
    {"system", "diagnostics", R"(<setting name="logger_type" value="syslog"/>)", error,
     "error: system.diagnostics.logger_type: 'syslog'", "file"},
    {"system", "diagnostics", R"(<setting name="log_options_provider" value="gsip=9"/>)", warning,
     "warning: system.diagnostics.log_options_provider: 'gsip=9' has a level above 5", "classes are gsip"},
    {"system", "diagnostics", R"x(<setting name="log_options_provider" value="webrtc=(loud)"/>)x", warning,
     "warning: system.diagnostics.log_options_provider: 'webrtc=(loud)' holds a word that is no level",
     "critical,error"},
    {"system", "diagnostics", R"(<setting name="log_options_endpoint" value="4"/>)", warning,
     "warning: system.diagnostics.log_options_endpoint: is above log_level", "raise log_level"},
};
INSTANTIATE_TEST_SUITE_P(Rows, FaultySetting, testing::ValuesIn(setting_rows));

struct FileRow {
  std::string_view text;
  std::string_view expected;  // some line of the output
  bool usable = false;
};

class FaultyFile : public testing::TestWithParam<FileRow> {};

TEST_P(FaultyFile, SaysWhere) {
  const auto& row = GetParam();
  const auto result = read_configuration(row.text, "f.config");
  EXPECT_THAT(all_of(result), HasSubstr(std::string(row.expected)));
  EXPECT_EQ(result.usable(), row.usable) << all_of(result);
}

constexpr FileRow file_rows[] = {
    {"", "f.config:1: error: the XML is broken here"},
    {"just text", "f.config:1: error: the XML is broken here"},
    {"<SipEndpoint>\n<Container name=\"Basic\">\n</SipEndpoint>",
     "f.config:3: error: the XML is broken here"},
    {"<SipEndpoint>\n<Container name=\"Basic>\n</Container></SipEndpoint>", "error: the XML is broken here"},
    {"<Softphone/>", "f.config:1: error: the root element is 'Softphone', not SipEndpoint"},
    {"<SipEndpoint/>\n<SipEndpoint/>", "f.config:2: error: there is a second root element"},
    {"<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>\n<SipEndpoint>&e;</SipEndpoint>",
     "f.config:1: error: a document type (DOCTYPE) is not accepted"},
    {"<SipEndpoint>\n\n&xxe;</SipEndpoint>", "f.config:3: error: a bare '&' or an unknown entity"},
    {"<SipEndpoint><Container name=\"Basic\">\n<Connectivity user=\"1\" server=\"gw?a=1&b=2\"/>"
     "</Container></SipEndpoint>",
     "f.config:2: error: a bare '&' or an unknown entity (write &amp;"},
    {"<SipEndpoint>\n<!-- caf\xE9 --></SipEndpoint>", "f.config:2: error: the file is not UTF-8 text"},
    {std::string_view("<\0S\0i\0p\0", 8), "f.config:1: error: the file is not UTF-8 text"},
    {"<SipEndpoint>\n<Container name=\"Cp\"/></SipEndpoint>",
     "f.config:2: warning: container Cp belongs to release 8.1", true},
    {"<SipEndpoint>\n<Container name=\"Genesis\"/></SipEndpoint>",
     "f.config:2: warning: container 'genesis' is unknown and not read (did you mean Basic or Genesys?)",
     true},
    {"<SipEndpoint>\n<Container/></SipEndpoint>",
     "f.config:2: error: element 'Container' has no usable name"},
    {"<SipEndpoint>\n<Domain name=\"policy\"/></SipEndpoint>", "f.config:2: warning: element 'Domain' inside",
     true},
};
INSTANTIATE_TEST_SUITE_P(Rows, FaultyFile, testing::ValuesIn(file_rows));

class FaultyLine : public testing::TestWithParam<FileRow> {};

TEST_P(FaultyLine, SaysWhere) {
  const auto& row = GetParam();
  const auto result = read_configuration(file_with("", row.text), "f.config");
  EXPECT_THAT(all_of(result), HasSubstr(std::string(row.expected)));
  EXPECT_EQ(result.usable(), row.usable) << all_of(result);
}

#define LINE "<Connectivity user=\"1\" server=\"h:5060\"/>\n"
constexpr FileRow line_rows[] = {
    {"\n<Connectivity server=\"h:5060\"/>", "f.config:4: error: connectivity.user: the line has no user"},
    {"\n<Connectivity user=\"sip:1@h\" server=\"h:5060\"/>",
     "f.config:4: error: connectivity.user: 'sip:1@h' cannot be the user"},
    {"\n<Connectivity user=\"1\"/>", "f.config:4: error: connectivity.server: the line has no server"},
    {"\n<Connectivity user=\"1\" server=\"h:99999\"/>",
     "f.config:4: error: connectivity.server: '99999' is not a port from 1 to 65535"},
    {"\n<Connectivity user=\"1\" server=\"h\" protocol=\"sctp\"/>",
     "f.config:4: error: connectivity.protocol: 'sctp' is not one of the accepted values (accepted: udp, "
     "tcp, tls or "
     "https"},
    {"\n<Connectivity user=\"1\" user=\"2\" server=\"h\"/>",
     "f.config:4: error: attribute 'user' is given twice"},
    {"\n<Connectivity user=\"1\" sever=\"h\" server=\"h\"/>",
     "f.config:4: warning: Connectivity has no attribute 'sever'", true},
    {"\n<Connectivity user=\"1\" server=\"h\" sip-proxy-address=\"p\"/>",
     "f.config:4: warning: connectivity.sip-proxy-address: is part of server", true},
    {"\n<Connectivity user=\"1\" server=\"h?sip-proxy-address=p\"/>",
     "f.config:4: warning: connectivity.server: sip-proxy-address acts with protocol https only", true},
    {"\n<Connectivity user=\"DN0\" server=\"server0.domain.invalid:5060\"/>",
     "f.config:4: warning: connectivity.server: 'server0.domain.invalid' is a placeholder", true},
    {"\n" LINE LINE LINE LINE LINE LINE LINE LINE,
     "f.config:10: error: connectivity.user: there are more than 6 lines"},
};
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
