#include "config/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "config/codec_sections.h"
#include "config/load_file.h"
#include "config/reader.h"
#include "files.h"

namespace sidetone::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

// As an administrator would write it, with both namespaces.
constexpr std::string_view whole_file = R"xml(<?xml version="1.0" encoding="utf-8"?>
<SipEndpoint xmlns="http://schemas.genesyslab.com/2009/sipendpoint">
  <Container name="Basic">
    <Connectivity user="7001" server="sip-a.example.test:5060" protocol="UDP"/>
    <Connectivity user="7002" server="sip-b.example.test" protocol="tls"/>
    <Connectivity user="7003" server="gw.example.test:443?sip-proxy-address=px.example.test:5060" protocol="https"/>
  </Container>
  <Container name="Genesys">
    <settings version="1.0" xmlns="http://www.genesyslab.com/sip">
      <domain name="policy">
        <section name="endpoint">
          <setting name="ip_versions" value="ipv6,ipv4"/>
          <setting name="public_address" value="$net:192.0.2.0/24"/>
          <setting name="rtp_inactivity_timeout" value="30"/>
          <setting name="rtp_port_min" value="20000"/>
          <setting name="sip_transaction_timeout" value="8000"/>
          <setting name="answer_sdp_priority" value="offer"/>
          <setting name="gui_tabs" value="status,calls,devices"/>
          <setting name="gui_call_lines" value="4"/>
        </section>
        <section name="session">
          <setting name="auto_answer" value="1"/>
          <setting name="auto_answer_delay" value="250"/>
          <setting name="dtmf_method" value="Info"/>
          <setting name="reject_session_when_busy" value="1"/>
          <setting name="sip_code_when_busy" value=""/>
        </section>
        <section name="device">
          <setting name="use_headset" value="1"/>
          <setting name="headset_name" value="Plantronics.*"/>
          <setting name="headset_name" value="Jabra|Epos"/>
          <setting name="audio_in_device" value=""/>
          <setting name="include_headset" value="External Mic:Headphones,'Mic: left, right':&quot;Tom's speaker&quot;"/>
          <setting name="exclude_headset" value="Realtek"/>
        </section>
      </domain>
      <domain name="codecs">
        <section name="enabled">
          <setting name="audio" value="opus,pcmu,g729=(fmtp=&quot;annexb=yes&quot;),iSAC/16000=(pt=103)"/>
        </section>
        <section name="opus/48000/2"><setting name="payload_type" value="120"/></section>
        <section name="iSAC/16000"><setting name="payload_type" value="104"/></section>
      </domain>
      <domain name="proxies">
        <section name="proxy0">
          <setting name="display_name" value="Agent &lt;phone&gt;"/>
          <setting name="password" value="xyzzy-4711-s3cret"/>
          <setting name="reg_timeout" value="60"/>
          <setting name="reg_interval" value="10"/>
          <section name="mailbox"><setting name="user" value="*98"/></section>
        </section>
        <section name="proxy1">
          <setting name="display_name" value="Second"/>
        </section>
      </domain>
      <domain name="system">
        <section name="diagnostics">
          <setting name="log_file" value="phone.log"/>
          <setting name="log_level" value="4"/>
          <setting name="log_filter" value="dtmf"/>
          <setting name="log_options_provider" value="gsip=2,webrtc=(error,critical)"/>
          <setting name="log_options_endpoint" value="5"/>
        </section>
        <section name="security"><setting name="use_srtp" value="allowed,UEC"/></section>
      </domain>
    </settings>
  </Container>
</SipEndpoint>
)xml";

ReadResult read_whole() {
  auto result = read_configuration(whole_file, "Softphone.config");
  for (const auto& problem : result.problems) ADD_FAILURE() << describe(problem);
  return result;
}

TEST(Configuration, LinesComeInOrderWithTheirProxySections) {
  const auto configuration = read_whole().configuration;
  ASSERT_EQ(configuration.lines.size(), 3U);
  const auto& first = configuration.lines[0];
  EXPECT_EQ(first.user, "7001");
  EXPECT_EQ(first.server, (Server{"sip-a.example.test", 5060, ""}));
  EXPECT_EQ(first.transport, LineTransport::udp);
  EXPECT_EQ(first.display_name, "Agent <phone>");
  EXPECT_EQ(first.password.reveal(), "xyzzy-4711-s3cret");
  EXPECT_EQ(first.reg_timeout, 60s);
  EXPECT_EQ(first.reg_interval, 10s);
  EXPECT_EQ(first.mailbox.user, "*98");
  EXPECT_EQ(first.file_line, 4U);
}

TEST(Configuration, ALineWithASectionTakesNothingFromProxy0) {
  const auto second = read_whole().configuration.lines.at(1);
  EXPECT_EQ(second.display_name, "Second");
  EXPECT_TRUE(second.password.empty());
  EXPECT_EQ(second.reg_timeout, 1800s);
  EXPECT_EQ(second.reg_interval, 0s);
  EXPECT_EQ(second.mailbox.user, "");
  EXPECT_EQ(second.server, (Server{"sip-b.example.test", 0, ""}));
}

TEST(Configuration, ALineWithoutSectionTakesProxy0Whole) {
  const auto result = read_whole();
  const auto& third = result.configuration.lines.at(2);
  EXPECT_EQ(third.display_name, "Agent <phone>");
  EXPECT_EQ(third.password.reveal(), "xyzzy-4711-s3cret");
  EXPECT_EQ(third.mailbox.user, "*98");
  EXPECT_EQ(third.transport, LineTransport::https);
  EXPECT_EQ(third.server.sip_proxy, "px.example.test:5060");
  EXPECT_EQ(result.configuration.get("proxies.proxy2.mailbox.user"), "*98");
  EXPECT_FALSE(result.configuration.is_set("proxies.proxy2.mailbox.user"));
  EXPECT_EQ(result.configuration.get("proxies.proxy1.mailbox.user"), "");
}

TEST(Configuration, AnEmptyProxySectionCountsAsASection) {
  const auto result = read_configuration(
      file_with("<domain name=\"proxies\"><section name=\"proxy0\"><setting name=\"password\" "
                "value=\"x\"/></section>"
                "<section name=\"proxy1\"/></domain>",
                "<Connectivity user=\"1\" server=\"h\"/><Connectivity user=\"2\" server=\"h\"/>"),
      "f");
  ASSERT_EQ(result.configuration.lines.size(), 2U);
  EXPECT_EQ(result.configuration.lines[0].password.reveal(), "x");
  EXPECT_TRUE(result.configuration.lines[1].password.empty());
}

TEST(Configuration, OptionsAreTyped) {
  const auto configuration = read_whole().configuration;
  const auto& endpoint = configuration.endpoint;
  EXPECT_THAT(endpoint.ip_versions, ElementsAre(IpAddress::Family::v6, IpAddress::Family::v4));
  EXPECT_EQ(endpoint.public_address, "$net:192.0.2.0/24");
  EXPECT_EQ(endpoint.rtp_inactivity_timeout, 30s);
  EXPECT_EQ(endpoint.rtp_ports, (PortRange{20000, 20999}));
  EXPECT_EQ(endpoint.sip_ports, (PortRange{5060, 5066}));
  EXPECT_EQ(endpoint.tcp_ports, (PortRange{0, 0}));
  EXPECT_EQ(endpoint.sip_transaction_timeout, 8s);
  EXPECT_TRUE(endpoint.answer_by_offer_order);
  EXPECT_THAT(endpoint.gui_tabs, ElementsAre("status", "calls", "devices"));
  EXPECT_TRUE(configuration.session.auto_answer);
  EXPECT_EQ(configuration.session.auto_answer_delay, 250ms);
  EXPECT_EQ(configuration.session.dtmf_method, DtmfVia::info);
  EXPECT_TRUE(configuration.session.reject_when_busy);
  EXPECT_EQ(configuration.session.sip_code_when_busy, 486) << "empty gives 486";
  EXPECT_TRUE(configuration.device.use_headset);
  EXPECT_THAT(configuration.device.headset, ElementsAre("Plantronics.*", "Jabra|Epos"));
  EXPECT_THAT(configuration.device.include_headset,
              ElementsAre(HeadsetPair{"External Mic", "Headphones"},
                          HeadsetPair{"Mic: left, right", "Tom's speaker"}));
  EXPECT_EQ(configuration.device.exclude_headset, "Realtek");
  EXPECT_THAT(configuration.device.audio_in, ElementsAre());
  EXPECT_EQ(configuration.diagnostics.log_level, LogLevel::debug);
  EXPECT_TRUE(configuration.diagnostics.hide_dtmf);
  EXPECT_EQ(configuration.diagnostics.endpoint_level, std::nullopt);
  EXPECT_THAT(configuration.diagnostics.provider_options, ElementsAre("gsip=2", "webrtc=(error,critical)"));
  EXPECT_EQ(configuration.security.use_srtp, SrtpPolicy::optional);
  EXPECT_TRUE(configuration.security.unencrypted_srtcp);
}

TEST(Configuration, InlineCodecParametersBeatTheSection) {
  EXPECT_EQ(read_whole().configuration.codecs.audio,
            "opus=(pt=120),pcmu,g729=(fmtp=\"annexb=yes\"),iSAC/16000=(pt=103)");
}

TEST(Configuration, CodecSectionsMergeByNameAndRate) {
  const std::vector<CodecSection> sections = {{"isac/16000", "103", ""},
                                              {"isac/32000", "104", ""},
                                              {"g729/8000", "", "annexb=no"},
                                              {"ilbc/8000", "102", ""}};
  const struct {
    std::string_view enabled, merged;
  } rows[] = {
      {"iSAC/32000", "iSAC/32000=(pt=104)"},
      {"iSAC/16000,iSAC/32000", "iSAC/16000=(pt=103),iSAC/32000=(pt=104)"},
      {"G729", "G729=(fmtp=\"annexb=no\")"},
      {"G729=(pt=18)", "G729=(pt=18,fmtp=\"annexb=no\")"},
      {"iLBC=(payload_type=97)", "iLBC=(payload_type=97)"},
      {"iLBC=(pay=97)", "iLBC=(pay=97)"},
      {"pcmu,pcma", "pcmu,pcma"},
      {"iLBC=broken", "iLBC=broken"},
      {"ilb", "ilb"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(merge_codec_sections(row.enabled, sections), row.merged) << row.enabled;
}

TEST(Configuration, NumericCodecPrioritiesOfRelease85) {
  const std::string numbers =
      R"(<domain name="policy"><section name="codecs"><setting name="opus/48000/2" value="20"/>)"
      R"(<setting name="PCMU" value="3"/><setting name="isac/16000" value="3"/><setting name="g729" value=""/>)"
      R"(</section></domain>)";
  const std::string list =
      R"(<domain name="codecs"><section name="enabled"><setting name="audio" value="pcma"/></section></domain>)";
  const auto old = read_configuration(file_with(numbers), "f");
  EXPECT_EQ(old.configuration.codecs.audio, "isac/16000,pcmu,opus/48000/2");
  EXPECT_EQ(old.problems.size(), 4u);
  for (const auto& problem : old.problems) EXPECT_EQ(problem.severity, Severity::warning);
  EXPECT_EQ(read_configuration(file_with(numbers + list), "f").configuration.codecs.audio, "pcma")
      << "the list wins";
}

TEST(Configuration, GetsByPath) {
  const auto configuration = read_whole().configuration;
  const struct {
    std::string_view path;
    std::optional<std::string> text;
  } rows[] = {
      {"policy.session.auto_answer", "1"},
      {"policy:session:auto_answer", "1"},
      {"POLICY.session:Auto_Answer_Delay", "250"},
      {"policy.session.vad_level", "1"},
      {"policy.endpoint.rtp_port_max", "20999"},
      {"policy.device.headset_name", "Plantronics.* | Jabra|Epos"},
      {"proxies.proxy0.password", "********"},
      {"proxies.proxy1.password", ""},
      {"user:1", "7002"},
      {"server:0", "sip-a.example.test:5060"},
      {"transport:1", "tls"},
      {"no.such.thing", std::nullopt},
  };
  for (const auto& row : rows) EXPECT_EQ(configuration.get(row.path), row.text) << row.path;
  EXPECT_TRUE(configuration.is_set("policy.session.auto_answer"));
  EXPECT_FALSE(configuration.is_set("policy.session.vad_level"));
}

TEST(Configuration, NamesMatchWithoutNamespaceInAnyCaseAndWithByteOrderMark) {
  const auto result = read_configuration(
      "\xEF\xBB\xBF<x:sipendpoint xmlns:x=\"urn:x\"><x:CONTAINER NAME=\"basic\"><Connectivity USER=\"1\" "
      "SERVER=\"h:1\" Protocol=\"TcP\"/></x:CONTAINER><container name=\"GENESYS\"><Settings><Domain "
      "name=\"Policy\"><Section name=\"SESSION\"><Setting Name=\"Auto_Answer\" "
      "Value=\"1\"/></Section></Domain></Settings></container></x:sipendpoint>",
      "f");
  EXPECT_TRUE(result.problems.empty()) << describe(result.problems.front());
  EXPECT_EQ(result.configuration.lines.at(0).transport, LineTransport::tcp);
  EXPECT_TRUE(result.configuration.session.auto_answer);
}

TEST(Configuration, AbsentEmptyAndSetAreThreeThings) {
  const auto timeout = [](std::string_view setting) {
    const auto result = read_configuration(file_with_setting("proxies", "proxy0", setting), "f");
    return result.configuration.lines.at(0).reg_timeout;
  };
  EXPECT_EQ(timeout(""), 1800s);
  EXPECT_EQ(timeout(R"(<setting name="reg_timeout" value=""/>)"), 0s);
  EXPECT_EQ(timeout(R"(<setting name="reg_timeout" value="120"/>)"), 120s);
  EXPECT_EQ(timeout(R"(<setting name="reg_timeout" value="soon"/>)"), 0s);
}

TEST(Configuration, BasicAloneIsEnough) {
  const auto result = read_configuration(
      R"(<SipEndpoint><Container name="Basic"><Connectivity user="1" server="h"/></Container></SipEndpoint>)",
      "f");
  EXPECT_TRUE(result.problems.empty());
  const auto& configuration = result.configuration;
  EXPECT_EQ(configuration.lines.at(0).reg_timeout, 1800s);
  EXPECT_EQ(configuration.endpoint.rtp_ports, (PortRange{9000, 9999}));
  EXPECT_EQ(configuration.endpoint.sip_transaction_timeout, 4s);
  EXPECT_EQ(configuration.session.auto_answer_delay, 1500ms);
  EXPECT_EQ(configuration.session.ringback_enabled, 2);
  EXPECT_EQ(configuration.session.sip_code_when_busy, 486);
  EXPECT_EQ(configuration.session.dtmf_method, DtmfVia::rfc2833);
  EXPECT_EQ(configuration.session.system_ringing_file, "ringing.wav");
  EXPECT_EQ(configuration.diagnostics.endpoint_level, LogLevel::warning);
  EXPECT_TRUE(configuration.security.tls_target_name_check);
  EXPECT_EQ(configuration.connector.port, 8000);
}

TEST(Configuration, UnknownSettingsAreKept) {
  const auto result =
      read_configuration(file_with_setting("policy", "session", R"(<setting name="X_new" value="7"/>)"), "f");
  EXPECT_THAT(result.configuration.unknown_settings(), ElementsAre("policy.session.x_new"));
  EXPECT_EQ(result.configuration.get("policy.session.x_new"), "7");
}

TEST(Configuration, EightDotFiveZeroInactivityMeansOff) {
  const auto result = read_configuration(
      file_with_setting("policy", "endpoint", R"(<setting name="rtp_inactivity_timeout" value="0"/>)"), "f");
  EXPECT_TRUE(result.problems.empty());
  EXPECT_EQ(result.configuration.endpoint.rtp_inactivity_timeout, 0s);
}

TEST(LoadFile, ReadsAFileAndTellsWhatIsWrongWithOne) {
  const auto path =
      std::filesystem::path(testing::TempDir()) / ("sidetone_config_" + std::to_string(::getpid()));
  std::ofstream(path) << whole_file;
  EXPECT_EQ(load_file(path.string()).configuration.lines.size(), 3U);
  std::filesystem::remove(path);
  const auto missing = load_file(path.string());
  ASSERT_EQ(missing.problems.size(), 1U);
  EXPECT_THAT(describe(missing.problems[0]),
              testing::HasSubstr("error: the file cannot be read: No such file"));
  EXPECT_FALSE(load_file(std::filesystem::temp_directory_path().string()).usable()) << "a folder";
}

}  // namespace
}  // namespace sidetone::config
