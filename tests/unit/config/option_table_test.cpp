// The table itself: is every documented setting in it, and is every row sound?
#include <gtest/gtest.h>

#include <set>

#include "config/option.h"
#include "config/value.h"

namespace sidetone::config {
namespace {

// All settings of the containers Basic and Genesys that the vendor's documents and files name.
constexpr std::string_view documented[] = {"connectivity.user",
                                           "connectivity.server",
                                           "connectivity.protocol",
                                           "connectivity.sip-proxy-address",
                                           "policy.connector.protocol",
                                           "policy.connector.port",
                                           "policy.connector.certificate_search_value",
                                           "policy.connector.enable_sessionid",
                                           "policy.connector.auto_restart",
                                           "policy.endpoint.audio_qos",
                                           "policy.endpoint.include_os_version_in_user_agent_header",
                                           "policy.endpoint.include_sdk_version_in_user_agent_header",
                                           "policy.endpoint.ip_versions",
                                           "policy.endpoint.public_address",
                                           "policy.endpoint.include_mac_address",
                                           "policy.endpoint.refer_to_proxy",
                                           "policy.endpoint.rtp_inactivity_timeout",
                                           "policy.endpoint.rtp_port_min",
                                           "policy.endpoint.rtp_port_max",
                                           "policy.endpoint.tcp_port_min",
                                           "policy.endpoint.tcp_port_max",
                                           "policy.endpoint.signaling_qos",
                                           "policy.endpoint.sip_port_min",
                                           "policy.endpoint.sip_port_max",
                                           "policy.endpoint.sip_transaction_timeout",
                                           "policy.endpoint.video_max_bitrate",
                                           "policy.endpoint.video_qos",
                                           "policy.endpoint.vq_report_collector",
                                           "policy.endpoint.vq_report_publish",
                                           "policy.endpoint.vq_alarm_threshold",
                                           "policy.endpoint.webrtc_audio_layer",
                                           "policy.endpoint.answer_sdp_priority",
                                           "policy.endpoint.sip_port_binding",
                                           "policy.endpoint.defer_device_release",
                                           "policy.session.agc_mode",
                                           "policy.session.auto_accept_video",
                                           "policy.session.auto_answer",
                                           "policy.session.auto_answer_delay",
                                           "policy.session.callwait_tone_enabled",
                                           "policy.session.callwait_tone_file",
                                           "policy.session.dtmf_feedback",
                                           "policy.session.dtmf_method",
                                           "policy.session.echo_control",
                                           "policy.session.noise_suppression",
                                           "policy.session.dtx_mode",
                                           "policy.session.reject_session_when_headset_na",
                                           "policy.session.sip_code_when_headset_na",
                                           "policy.session.vad_level",
                                           "policy.session.ringback_enabled",
                                           "policy.session.ringback_file",
                                           "policy.session.ringing_enabled",
                                           "policy.session.ringing_timeout",
                                           "policy.session.ringing_file",
                                           "policy.session.ringing_while_call_held",
                                           "policy.session.restart_audio_if_stuck",
                                           "policy.session.reject_session_when_busy",
                                           "policy.session.number_sessions_for_busy",
                                           "policy.session.sip_code_when_busy",
                                           "policy.session.rx_agc_mode",
                                           "policy.device.audio_in_device",
                                           "policy.device.audio_out_device",
                                           "policy.device.capture_device",
                                           "policy.device.headset_name",
                                           "policy.device.include_headset",
                                           "policy.device.ringer_device",
                                           "policy.device.use_headset",
                                           "policy.device.exclude_headset",
                                           "codecs.enabled.audio",
                                           "codecs.ilbc/8000.payload_type",
                                           "codecs.h264.profile",
                                           "proxies.proxy0.display_name",
                                           "proxies.proxy0.domain",
                                           "proxies.proxy0.password",
                                           "proxies.proxy0.reg_interval",
                                           "proxies.proxy0.reg_match_received_rport",
                                           "proxies.proxy0.reg_timeout",
                                           "proxies.proxy0.mailbox.password",
                                           "proxies.proxy0.mailbox.server",
                                           "proxies.proxy0.mailbox.timeout",
                                           "proxies.proxy0.mailbox.transport",
                                           "proxies.proxy0.mailbox.user",
                                           "proxies.proxy0.nat.ice_enabled",
                                           "proxies.proxy0.nat.stun_server",
                                           "proxies.proxy0.nat.stun_server_port",
                                           "proxies.proxy0.nat.turn_password",
                                           "proxies.proxy0.nat.turn_relay_type",
                                           "proxies.proxy0.nat.turn_server",
                                           "proxies.proxy0.nat.turn_server_port",
                                           "proxies.proxy0.nat.turn_user_name",
                                           "system.diagnostics.enable_logging",
                                           "system.diagnostics.log_file",
                                           "system.diagnostics.log_filter",
                                           "system.diagnostics.log_level",
                                           "system.diagnostics.log_options_provider",
                                           "system.diagnostics.log_options_endpoint",
                                           "system.diagnostics.logger_type",
                                           "system.diagnostics.log_segment",
                                           "system.diagnostics.log_expire",
                                           "system.diagnostics.log_time_convert",
                                           "system.diagnostics.log_time_format",
                                           "system.security.certificate",
                                           "system.security.cert_file",
                                           "system.security.tls_enabled",
                                           "system.security.tls-target-name-check",
                                           "system.security.use_srtp",
                                           "system.media.ringing_file",
                                           "policy.endpoint.gui_tabs",
                                           "policy.endpoint.gui_call_lines",
                                           "policy.connector.sec_protocol",
                                           "policy.connector.partition",
                                           "codecs.enabled.video",
                                           "codecs.ilbc/8000.fmtp",
                                           "proxies.proxy0.http_proxy",
                                           "system.telemetry.enable_traces",
                                           "system.telemetry.enable_metrics",
                                           "system.telemetry.publish_interval",
                                           "system.telemetry.log_level",
                                           "policy.device.manual_audio_devices_configure",
                                           "policy.codecs.pcmu"};

TEST(OptionTable, HoldsEveryDocumentedSetting) {
  for (const auto path : documented) EXPECT_NE(find_option(path), nullptr) << path;
}

TEST(OptionTable, EveryRowIsSound) {
  std::set<std::string_view> seen;
  for (const Option& option : option_table()) {
    SCOPED_TRACE(option.path);
    EXPECT_TRUE(seen.insert(option.path).second) << "twice";
    EXPECT_TRUE(option.doc.ends_with('.')) << "needs one sentence";
    EXPECT_LE(option.min, option.max);
    EXPECT_EQ(option.type == OptionType::enumeration, !option.choices.empty());
    EXPECT_FALSE(accepted_values(option).empty());
    EXPECT_EQ(find_option(option.path), &option);
    if (!option.default_text.empty()) EXPECT_TRUE(parse_value(option, option.default_text)) << "default";
    if (!option.fallback.empty()) EXPECT_TRUE(parse_value(option, option.fallback)) << "fallback";
    const bool names_secret = option.path.ends_with("password");
    EXPECT_EQ(option.is_secret(), names_secret);
  }
  EXPECT_GE(seen.size(), 115U);
}

TEST(OptionTable, FindsByDotColonAndAnyCase) {
  const Option* wanted = find_option("policy.session.auto_answer");
  ASSERT_NE(wanted, nullptr);
  EXPECT_EQ(find_option("policy:session:auto_answer"), wanted);
  EXPECT_EQ(find_option("Policy.Session.AUTO_ANSWER"), wanted);
  EXPECT_EQ(find_option("proxies.proxy5.nat.stun_server"), find_option("proxies:proxy0:nat:stun_server"));
  EXPECT_EQ(find_option("codecs.opus/48000/2.payload_type"), find_option("codecs.*.payload_type"));
  EXPECT_EQ(find_option("user:3"), find_option("connectivity.user"));
  EXPECT_EQ(find_option("transport:0"), find_option("connectivity.protocol"));
  EXPECT_EQ(find_option("policy.session"), nullptr);
  EXPECT_EQ(find_option(""), nullptr);
  EXPECT_EQ(find_option("proxies.proxyX.password"), nullptr);
}

TEST(OptionTable, SuggestsWhatWasProbablyMeant) {
  const struct {
    std::string_view written, meant;
  } rows[] = {
      {"policy.session.auto_anwser", "policy.session.auto_answer"},
      {"policy.endpoint.auto_answer", "policy.session.auto_answer"},
      {"policy.sesion.dtmf_method", "policy.session.dtmf_method"},
      {"proxies.proxy2.pasword", "proxies.proxyN.password"},
      {"system.diagnostics.loglevel", "system.diagnostics.log_level"},
      {"policy.session.completely_different_thing", ""},
  };
  for (const auto& row : rows) EXPECT_EQ(nearest_option(row.written), row.meant) << row.written;
  EXPECT_EQ(nearest_option(std::string(100'000, 'x')), "");
}

TEST(OptionTable, ExplainsAnOption) {
  const auto text = explain("policy:endpoint:rtp_inactivity_timeout");
  ASSERT_TRUE(text);
  for (const auto part :
       {"policy.endpoint.rtp_inactivity_timeout", "5 to 150, or 0", "default: 150", "next call"})
    EXPECT_NE(text->find(part), std::string::npos) << *text;
  const auto wrong = explain("policy.session.auto_anwser");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().remedy, "did you mean policy.session.auto_answer?");
}

}  // namespace
}  // namespace sidetone::config
