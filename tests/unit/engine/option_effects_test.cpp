// Each option of the file that the engine knows reaches it: its default, and another value. What the engine
// then makes of it is proven by the tests that docs/options-proved.md names.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <stdexcept>

#include "engine/phone_settings.h"

namespace sidetone::engine {
namespace {

struct Row {
  std::string path, value;          // set in the file
  std::string by_default, with_it;  // what is seen
  std::function<std::string(const PhoneSettings&)> seen;
};

std::string yes(bool value) { return value ? "1" : "0"; }
std::string list(const std::vector<std::string>& items) { return fmt::format("{}", fmt::join(items, " ")); }

template <typename Member>
std::function<std::string(const PhoneSettings&)> core(Member endpoint::CoreSettings::* member) {
  return [member](const PhoneSettings& s) { return fmt::format("{}", s.core.*member); };
}
template <typename Duration>
std::function<std::string(const PhoneSettings&)> core_time(Duration endpoint::CoreSettings::* member) {
  return [member](const PhoneSettings& s) { return fmt::format("{}", (s.core.*member).count()); };
}
template <typename Member>
std::function<std::string(const PhoneSettings&)> engine(Member PhoneSettings::* member) {
  return [member](const PhoneSettings& s) { return fmt::format("{}", s.*member); };
}
std::function<std::string(const PhoneSettings&)> line(
    std::function<std::string(const endpoint::CoreLine&)> of) {
  return [of = std::move(of)](const PhoneSettings& s) { return of(s.core.lines.at(0)); };
}
std::function<std::string(const PhoneSettings&)> policy(
    std::function<std::string(const device::DeviceSettings&)> of) {
  return [of = std::move(of)](const PhoneSettings& s) { return of(s.core.devices->policy); };
}
std::function<std::string(const PhoneSettings&)> tones(
    std::function<std::string(const endpoint::ToneSettings&)> of) {
  return [of = std::move(of)](const PhoneSettings& s) { return of(s.core.tones); };
}
std::function<std::string(const PhoneSettings&)> tone_file(endpoint::ToneFile file) {
  return [file](const PhoneSettings& s) { return s.tone_files.at(static_cast<std::size_t>(file)).file; };
}
std::string codecs(const PhoneSettings& s) {
  std::vector<std::string> names;
  for (const auto& format : s.core.codecs)
    names.push_back(fmt::format("{}/{}{}", codec::catalogue(format.codec).name, format.payload_type,
                                format.fmtp.empty() ? "" : ":" + format.fmtp));
  return list(names);
}

std::vector<Row> rows() {
  using endpoint::CoreSettings;
  const std::string session = "policy.session.", endpoint = "policy.endpoint.", device = "policy.device.",
                    proxy = "proxies.proxy0.";
  return {
      {"user:0", "7009", "7001", "7009", line([](const auto& l) { return l.user; })},
      {"server:0", "b.example:5070", "sip.example:5060", "b.example:5070",
       line([](const auto& l) { return fmt::format("{}:{}", l.server_host, l.server_port); })},
      {"protocol:0", "tcp", "UDP", "TCP",
       line([](const auto& l) { return std::string(sip::to_string(l.transport)); })},

      {endpoint + "audio_qos", "46", "0", "46", engine(&PhoneSettings::audio_dscp)},
      {endpoint + "signaling_qos", "24", "0", "24", engine(&PhoneSettings::signaling_dscp)},
      {endpoint + "include_os_version_in_user_agent_header", "0", "1", "0",
       [](const auto& s) { return yes(s.user_agent.find(" (") != std::string::npos); }},
      {endpoint + "include_sdk_version_in_user_agent_header", "0", "1", "0",
       [](const auto& s) { return yes(s.user_agent.find('/') != std::string::npos); }},
      {endpoint + "include_mac_address", "1", "0", "1",
       [](const auto& s) { return yes(s.include_mac_address); }},
      {endpoint + "ip_versions", "IPv6", "2", "1",
       [](const auto& s) { return fmt::format("{}", s.ip_versions.size()); }},
      {endpoint + "public_address", "$ipv4", "", "$ipv4", engine(&PhoneSettings::public_address)},
      {endpoint + "rtp_inactivity_timeout", "30", "150", "30",
       core_time(&CoreSettings::rtp_inactivity_timeout)},
      {endpoint + "rtp_port_min", "12000", "9000-9999", "12000-12999",
       [](const auto& s) { return fmt::format("{}-{}", s.rtp_port_min, s.rtp_port_max); }},
      {endpoint + "rtp_port_max", "9100", "9999", "9100", engine(&PhoneSettings::rtp_port_max)},
      {endpoint + "refer_to_proxy", "1", "0", "1", [](const auto& s) { return yes(s.core.refer_to_proxy); }},
      {endpoint + "sip_port_min", "5070", "5060-5066", "5070-5076",
       [](const auto& s) { return fmt::format("{}-{}", s.sip_port_min, s.sip_port_max); }},
      {endpoint + "sip_port_max", "5099", "5066", "5099", engine(&PhoneSettings::sip_port_max)},
      {endpoint + "sip_transaction_timeout", "2000", "4000000", "2000000",
       [](const auto& s) { return fmt::format("{}", Duration(*s.transaction_timeout).count()); }},
      {endpoint + "vq_alarm_threshold", "3.5", "0", "3.5", core(&CoreSettings::vq_alarm_threshold)},
      {endpoint + "vq_report_publish", "1", "0", "1",
       [](const auto& s) { return yes(s.core.extended_reports); }},
      {endpoint + "webrtc_audio_layer", "3000", "00", "11",
       [](const auto& s) {
         return yes(s.core.devices->use.keep_microphone) + yes(s.core.devices->use.keep_speaker);
       }},
      {endpoint + "answer_sdp_priority", "offer", "0", "1",
       [](const auto& s) { return yes(s.core.answer_by_offer_order); }},
      {endpoint + "sip_port_binding", "1", "0", "1", [](const auto& s) { return yes(s.sip_port_binding); }},
      {endpoint + "defer_device_release", "500", "200000", "500000",
       [](const auto& s) { return fmt::format("{}", s.core.devices->use.release_delay.count()); }},

      {session + "agc_mode", "0", "1", "0",
       [](const auto& s) { return yes(s.core.devices->voice.gain_control); }},
      {session + "rx_agc_mode", "1", "0", "1", [](const auto& s) { return yes(s.level_received); }},
      {session + "auto_answer", "1", "0", "1", [](const auto& s) { return yes(s.core.auto_answer); }},
      {session + "auto_answer_delay", "300", "1500", "300", core_time(&CoreSettings::auto_answer_delay)},
      {session + "auto_answer_when_asked", "1", "0", "1",
       [](const auto& s) { return yes(s.core.auto_answer_when_asked); }},
      {session + "callwait_tone_enabled", "0", "1", "0",
       tones([](const auto& t) { return yes(t.call_waiting); })},
      {session + "callwait_tone_file", "w.wav", "callwait.wav", "w.wav",
       tone_file(endpoint::ToneFile::call_waiting)},
      {session + "dtmf_feedback", "0", "1", "0", tones([](const auto& t) { return yes(t.dtmf_feedback); })},
      {session + "dtmf_method", "Info", "0", "1",
       [](const auto& s) { return fmt::format("{}", static_cast<int>(s.core.dtmf_method)); }},
      {session + "echo_control", "1", "0", "1",
       [](const auto& s) { return yes(s.core.devices->voice.echo_control); }},
      {session + "noise_suppression", "1", "0", "1",
       [](const auto& s) { return yes(s.core.devices->voice.noise_suppression); }},
      {session + "dtx_mode", "1", "0", "1", [](const auto& s) { return yes(s.core.leave_out_silence); }},
      {session + "vad_level", "3", "1", "3", engine(&PhoneSettings::vad_level)},
      {session + "reject_session_when_headset_na", "1", "0", "1",
       policy([](const auto& p) { return yes(p.reject_session_when_headset_na); })},
      {session + "sip_code_when_headset_na", "486", "480", "486",
       [](const auto& s) { return fmt::format("{}", s.core.devices->headset_na_status); }},
      {session + "ringback_enabled", "6", "2", "6",
       tones([](const auto& t) { return fmt::format("{}", t.ringback); })},
      {session + "ringback_file", "b.wav", "", "b.wav", tone_file(endpoint::ToneFile::ringback)},
      {session + "ringing_enabled", "7", "1", "7",
       tones([](const auto& t) { return fmt::format("{}", static_cast<int>(t.ringing)); })},
      {session + "ringing_timeout", "20", "0", "20",
       tones([](const auto& t) { return fmt::format("{}", t.ringing_timeout.count()); })},
      {session + "ringing_file", "r.wav", "ringing.wav", "r.wav", tone_file(endpoint::ToneFile::ringing)},
      {session + "ringing_while_call_held", "0", "1", "0",
       tones([](const auto& t) { return yes(t.ringing_while_call_held); })},
      {session + "restart_audio_if_stuck", "1", "0", "1",
       [](const auto& s) { return yes(s.restart_audio_if_stuck); }},
      {session + "reject_session_when_busy", "1", "0", "1",
       [](const auto& s) { return yes(s.core.reject_when_busy); }},
      {session + "number_sessions_for_busy", "3", "1", "3", core(&CoreSettings::busy_sessions)},
      {session + "sip_code_when_busy", "600", "486", "600", core(&CoreSettings::busy_status)},

      {device + "audio_in_device", "USB", "", "USB",
       policy([](const auto& p) { return list(p.audio_in_device); })},
      {device + "audio_out_device", "USB", "", "USB",
       policy([](const auto& p) { return list(p.audio_out_device); })},
      {device + "ringer_device", "Bell", "", "Bell",
       policy([](const auto& p) { return list(p.ringer_device); })},
      {device + "headset_name", "Jabra", "", "Jabra",
       policy([](const auto& p) { return list(p.headset_name); })},
      {device + "include_headset", "mic:speaker", "0", "1",
       policy([](const auto& p) { return fmt::format("{}", p.include_headset.size()); })},
      {device + "exclude_headset", "Webcam", "", "Webcam",
       policy([](const auto& p) { return list(p.exclude_headset); })},
      {device + "use_headset", "1", "0", "1", policy([](const auto& p) { return yes(p.use_headset); })},

      {"codecs.enabled.audio", "pcma,G722", "opus/120:useinbandfec=1 G722/9 PCMU/0 PCMA/8", "PCMA/8 G722/9",
       codecs},
      {"codecs.opus/48000/2.payload_type", "99", "opus/120:useinbandfec=1 G722/9 PCMU/0 PCMA/8",
       "opus/99:useinbandfec=1 G722/9 PCMU/0 PCMA/8", codecs},
      {"codecs.opus/48000/2.fmtp", "usedtx=1", "opus/120:useinbandfec=1 G722/9 PCMU/0 PCMA/8",
       "opus/120:usedtx=1 G722/9 PCMU/0 PCMA/8", codecs},
      {"policy.codecs.pcma", "1", "opus/120:useinbandfec=1 G722/9 PCMU/0 PCMA/8", "PCMA/8", codecs},

      {proxy + "display_name", "Desk", "", "Desk", line([](const auto& l) { return l.display_name; })},
      {proxy + "domain", "d.example", "", "d.example", line([](const auto& l) { return l.domain; })},
      {proxy + "password", "secret", "", "secret", line([](const auto& l) { return l.password.reveal(); })},
      {proxy + "reg_interval", "7", "0", "7",
       line([](const auto& l) { return fmt::format("{}", l.register_retry.count()); })},
      {proxy + "reg_timeout", "60", "1800", "60",
       line([](const auto& l) { return fmt::format("{}", l.register_expires.count()); })},
      {proxy + "reg_match_received_rport", "1", "0", "1",
       line([](const auto& l) { return yes(l.contact_as_seen); })},

      {"system.diagnostics.log_filter", "dtmf", "0", "1",
       [](const auto& s) { return yes(s.log_hides_digits); }},
      {"system.security.certificate", "/c.pem", "", "/c.pem",
       [](const auto& s) { return s.tls.certificate_file; }},
      {"system.security.cert_file", "/c.pem", "", "/c.pem",
       [](const auto& s) { return s.tls.certificate_file; }},
      {"system.security.tls-target-name-check", "no", "1", "0",
       [](const auto& s) { return yes(s.tls.name_check != net::TlsNameCheck::none); }},
      {"system.security.use_srtp", "force", "0", "4",
       [](const auto& s) { return fmt::format("{}", static_cast<int>(s.core.srtp.policy)); }},
      {"system.media.ringing_file", "s.wav", "ringing.wav", "s.wav",
       tone_file(endpoint::ToneFile::system_ringing)},
  };
}

PhoneSettings settings_with(std::vector<OptionValue> options) {
  EndpointSettings given;
  given.options = {{"user:0", "7001"}, {"server:0", "sip.example:5060"}, {"protocol:0", "udp"}};
  given.options.insert(given.options.end(), options.begin(), options.end());
  auto configured = read_configured(given, true);
  if (!configured) throw std::runtime_error(describe(configured.error()));
  return std::move(configured->settings);
}

TEST(OptionEffects, EachReachesTheEngine) {
  const auto plain = settings_with({});
  for (const auto& row : rows()) {
    EXPECT_EQ(row.seen(plain), row.by_default) << row.path;
    EXPECT_EQ(row.seen(settings_with({{row.path, row.value}})), row.with_it) << row.path;
  }
}

// Those that act with another one.
TEST(OptionEffects, OfPairs) {
  const auto tcp =
      settings_with({{"policy.endpoint.tcp_port_min", "7000"}, {"policy.endpoint.tcp_port_max", "7010"}});
  EXPECT_EQ(tcp.tcp_port_min, 7000);
  EXPECT_EQ(tcp.tcp_port_max, 7010);
  for (const auto* bad : {"7000", "6999"}) {
    const auto none =
        settings_with({{"policy.endpoint.tcp_port_min", "7000"}, {"policy.endpoint.tcp_port_max", bad}});
    EXPECT_EQ(none.tcp_port_max, 0) << "a bad range leaves the port to the system";
  }
  const auto reports =
      settings_with({{"policy.endpoint.vq_report_publish", "1"},
                     {"policy.endpoint.vq_report_collector", "c@192.0.2.9:5070;transport=tcp"}});
  ASSERT_TRUE(reports.core.report_collector);
  EXPECT_EQ(reports.core.report_collector->host, "192.0.2.9");
  EXPECT_EQ(reports.core.report_collector->port, 5070);
  EXPECT_EQ(reports.core.report_collector->transport, sip::Transport::tcp);
  EXPECT_FALSE(settings_with({{"policy.endpoint.vq_report_collector", "c@192.0.2.9"}}).core.report_collector);
}

TEST(OptionEffects, OneThatIsSetByHandChangesNoOther) {
  EndpointSettings given;
  given.options = {{"user:0", "7001"}, {"server:0", "sip.example"}};
  const auto plain = read_configured(given);
  given.options.push_back({"policy.session.dtx_mode", "1"});
  const auto set = read_configured(given);
  ASSERT_TRUE(plain && set);
  EXPECT_FALSE(plain->settings.core.leave_out_silence);
  EXPECT_TRUE(set->settings.core.leave_out_silence);
  EXPECT_EQ(plain->settings.core.devices->voice, set->settings.core.devices->voice);
}

TEST(OptionEffects, MinimumAboveMaximumIsFatalForSipAndRtp) {
  for (const std::string name : {"sip", "rtp"}) {
    EndpointSettings given;
    given.options = {{"user:0", "7001"},
                     {"server:0", "sip.example"},
                     {"policy.endpoint." + name + "_port_min", "12000"},
                     {"policy.endpoint." + name + "_port_max", "11000"}};
    const auto configured = read_configured(given);
    ASSERT_FALSE(configured) << name;
    EXPECT_NE(configured.error().text.find("12000 is above " + name + "_port_max, 11000"), std::string::npos)
        << configured.error().text;
  }
}

}  // namespace
}  // namespace sidetone::engine
