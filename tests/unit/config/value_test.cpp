#include "config/value.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace sidetone::config {
namespace {

std::string shown(const Value& value) {
  struct Printer {
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(std::int64_t v) const { return std::to_string(v); }
    std::string operator()(double v) const { return fmt::format("{:.2f}", v); }
    std::string operator()(const std::string& v) const { return v; }
    std::string operator()(const Secret<std::string>& v) const { return "secret:" + v.reveal(); }
    std::string operator()(const std::vector<std::string>& v) const {
      return fmt::format("{}", fmt::join(v, "|"));
    }
    std::string operator()(const LogSegment& v) const {
      return fmt::format("{}:{}", static_cast<int>(v.unit), v.count);
    }
    std::string operator()(const LogExpire& v) const {
      return fmt::format("{}:{}", static_cast<int>(v.unit), v.count);
    }
  };
  return std::visit(Printer{}, value);
}

TEST(Value, EachTypeReadsItsOwn) {
  const struct {
    std::string_view path, text, result;  // result "!": refused
  } rows[] = {
      {"policy.session.auto_answer", "1", "true"},
      {"policy.session.auto_answer", " 0 ", "false"},
      {"policy.session.auto_answer", "true", "!"},
      {"proxies.proxy0.nat.ice_enabled", "True", "true"},
      {"policy.endpoint.audio_qos", "46", "46"},
      {"policy.endpoint.audio_qos", "64", "!"},
      {"policy.endpoint.audio_qos", "0x2e", "!"},
      {"policy.endpoint.rtp_inactivity_timeout", "0", "0"},
      {"policy.endpoint.rtp_inactivity_timeout", "4", "!"},
      {"policy.endpoint.rtp_inactivity_timeout", "150", "150"},
      {"policy.endpoint.rtp_inactivity_timeout", "99999999999999999999", "!"},
      {"policy.endpoint.sip_transaction_timeout", "32000", "32000"},
      {"policy.endpoint.vq_alarm_threshold", "3.5", "3.50"},
      {"policy.endpoint.vq_alarm_threshold", "0", "0.00"},
      {"policy.endpoint.vq_alarm_threshold", "0.5", "!"},
      {"policy.endpoint.vq_alarm_threshold", "nan", "!"},
      {"policy.endpoint.ip_versions", "ipv6, IPV4", "IPv6,IPv4"},
      {"policy.endpoint.ip_versions", "ipv5", "!"},
      {"policy.session.dtmf_method", "InbandRtp", "inbandrtp"},
      {"system.diagnostics.log_level", "Debug", "4"},
      {"system.security.tls-target-name-check", "none", "no"},
      {"system.security.use_srtp", "mandatory", "force"},
      {"system.security.use_srtp", "optional, UNENCRYPTED_SRTCP", "optional,UEC"},
      {"system.security.use_srtp", "elective,uec", "elective,UEC"},
      {"system.security.use_srtp", "elective,xyz", "!"},
      {"proxies.proxy0.nat.turn_relay_type", "TCP", "1"},
      {"policy.endpoint.webrtc_audio_layer", "3000", "3000"},
      {"policy.endpoint.webrtc_audio_layer", "3", "!"},
      {"policy.session.ringback_enabled", "5", "!"},
      {"proxies.proxy0.password", " blank ", "secret: blank "},
      {"codecs.enabled.audio", "opus, g729=(fmtp=\"a,b\",pt=18),,pcmu",
       "opus|g729=(fmtp=\"a,b\",pt=18)|pcmu"},
      {"policy.device.include_headset", "'a,b':c,d:e", "'a,b':c|d:e"},
      {"policy.device.headset_name", "*", "*"},
      {"system.diagnostics.log_segment", "10 MB", "1:10485760"},
      {"system.diagnostics.log_segment", "10", "1:10240"},
      {"system.diagnostics.log_segment", "2 hr", "2:2"},
      {"system.diagnostics.log_segment", "FALSE", "0:0"},
      {"system.diagnostics.log_segment", "10 GB", "!"},
      {"system.diagnostics.log_segment", "0", "!"},
      {"system.diagnostics.log_expire", "10", "1:10"},
      {"system.diagnostics.log_expire", "7 day", "2:7"},
      {"system.diagnostics.log_expire", "101 day", "!"},
      {"system.diagnostics.log_expire", "1000 file", "1:1000"},
      {"system.diagnostics.log_expire", "1001", "!"},
  };
  for (const auto& row : rows) {
    const Option* option = find_option(row.path);
    ASSERT_NE(option, nullptr) << row.path;
    const auto value = parse_value(*option, row.text);
    EXPECT_EQ(value ? shown(*value) : "!", row.result) << row.path << " = " << row.text;
    if (!value) EXPECT_TRUE(value.error().remedy.starts_with("accepted: ")) << row.path;
  }
}

TEST(Value, AFaultShowsOnlyPartOfALongValueAndNoControlCharacters) {
  const auto value =
      parse_value(*find_option("policy.session.auto_answer"), "x\x01" + std::string(5000, 'y'));
  ASSERT_FALSE(value);
  EXPECT_LT(value.error().text.size(), 120U);
  EXPECT_EQ(value.error().text.find('\x01'), std::string::npos);
}

}  // namespace
}  // namespace sidetone::config
