// The second half of Builder: typed structs out of checked values.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <type_traits>

#include "base/assert.h"
#include "base/text.h"
#include "config/builder.h"
#include "config/codec_sections.h"
#include "config/use_srtp.h"

namespace sidetone::config {
namespace {

std::chrono::seconds as_seconds(std::int64_t value) { return std::chrono::seconds(value); }
std::chrono::milliseconds as_millis(std::int64_t value) { return std::chrono::milliseconds(value); }

int digits_to_int(std::string_view text) { return parse_number<std::uint16_t>(text).value_or(0); }

std::string joined(const std::vector<std::string>& items) { return fmt::format("{}", fmt::join(items, ",")); }

std::optional<LogLevel> level(std::string_view digit) {
  const int number = digits_to_int(digit);
  if (number > static_cast<int>(LogLevel::debug)) return std::nullopt;
  return static_cast<LogLevel>(number);
}

}  // namespace

bool Builder::in_file(std::string_view path) const { return out_->entries_.contains(canonical_path(path)); }

std::size_t Builder::line_of(std::string_view path) const {
  const auto at = lines_.find(canonical_path(path));
  return at == lines_.end() ? 0 : at->second;
}

template <typename T>
T Builder::in_force(std::string_view path) const {
  const auto at = out_->entries_.find(canonical_path(path));
  if (at != out_->entries_.end()) {
    const T* value = std::get_if<T>(&at->second.back().value);
    ST_ASSERT(value != nullptr);
    return *value;
  }
  const Option* option = find_option(path);
  ST_ASSERT(option != nullptr);
  auto value = parse_value(*option, option->default_text);
  ST_ASSERT(value.has_value() && std::holds_alternative<T>(*value));
  return std::get<T>(*std::move(value));
}

int Builder::number(std::string_view path) const { return static_cast<int>(in_force<std::int64_t>(path)); }

std::vector<std::string> Builder::repeated(std::string_view path) const {
  std::vector<std::string> out;
  const auto at = out_->entries_.find(path);
  if (at == out_->entries_.end()) return out;
  for (const auto& entry : at->second)
    if (const auto* text = std::get_if<std::string>(&entry.value); text != nullptr && !text->empty())
      out.push_back(*text);
  return out;
}

// "policy.endpoint.rtp_port" -> the range of its _min and _max; an absent maximum is minimum + width.
PortRange Builder::ports(std::string_view stem, int width) const {
  const int min = number(fmt::format("{}_min", stem));
  const std::string max_path = fmt::format("{}_max", stem);
  const int max = in_file(max_path) || width == 0 ? number(max_path) : std::min(min + width, 65535);
  return {static_cast<std::uint16_t>(min), static_cast<std::uint16_t>(max)};
}

void Builder::fill() {
  fill_endpoint(out_->endpoint);
  fill_session(out_->session);
  fill_device(out_->device);
  fill_codecs(out_->codecs);
  fill_connector(out_->connector);
  fill_diagnostics(out_->diagnostics);
  fill_security(out_->security);
}

void Builder::fill_endpoint(EndpointOptions& out) {
  out.public_address = words("policy.endpoint.public_address");
  out.ip_versions.clear();
  const std::string versions = words("policy.endpoint.ip_versions");
  for (std::string_view rest = versions; !rest.empty();)
    out.ip_versions.push_back(take_until(rest, ',') == "IPv4" ? IpAddress::Family::v4
                                                              : IpAddress::Family::v6);
  out.sip_ports = ports("policy.endpoint.sip_port", 6);
  out.rtp_ports = ports("policy.endpoint.rtp_port", 999);
  out.tcp_ports = ports("policy.endpoint.tcp_port", 0);
  if (out.tcp_ports.max <= out.tcp_ports.min || out.tcp_ports.min == 0) out.tcp_ports = {};
  out.sip_port_binding = yes("policy.endpoint.sip_port_binding");
  out.signaling_qos = number("policy.endpoint.signaling_qos");
  out.audio_qos = number("policy.endpoint.audio_qos");
  out.video_qos = number("policy.endpoint.video_qos");
  out.include_os_version = yes("policy.endpoint.include_os_version_in_user_agent_header");
  out.include_sdk_version = yes("policy.endpoint.include_sdk_version_in_user_agent_header");
  out.include_mac_address = yes("policy.endpoint.include_mac_address");
  out.refer_to_proxy = yes("policy.endpoint.refer_to_proxy");
  out.sip_transaction_timeout = as_millis(number("policy.endpoint.sip_transaction_timeout"));
  out.rtp_inactivity_timeout = as_seconds(number("policy.endpoint.rtp_inactivity_timeout"));
  out.defer_device_release = as_millis(number("policy.endpoint.defer_device_release"));
  out.answer_by_offer_order = words("policy.endpoint.answer_sdp_priority") == "offer";
  out.video_max_kbps = number("policy.endpoint.video_max_bitrate");
  out.vq_report_collector = words("policy.endpoint.vq_report_collector");
  out.vq_report_publish = yes("policy.endpoint.vq_report_publish");
  out.vq_alarm_threshold = in_force<double>("policy.endpoint.vq_alarm_threshold");
  out.webrtc_audio_layer = digits_to_int(words("policy.endpoint.webrtc_audio_layer"));
  out.gui_tabs = in_force<std::vector<std::string>>("policy.endpoint.gui_tabs");
  out.gui_call_lines = number("policy.endpoint.gui_call_lines");
}

void Builder::fill_session(SessionOptions& out) {
  out.auto_answer = yes("policy.session.auto_answer");
  out.auto_answer_delay = as_millis(number("policy.session.auto_answer_delay"));
  out.auto_answer_when_asked = yes("policy.session.auto_answer_when_asked");
  out.auto_accept_video = yes("policy.session.auto_accept_video");
  const std::string dtmf = words("policy.session.dtmf_method");
  out.dtmf_method = dtmf == "info"      ? DtmfVia::info
                    : dtmf == "rfc2833" ? DtmfVia::rfc2833
                                        : DtmfVia::inband_rtp;
  out.dtmf_feedback = yes("policy.session.dtmf_feedback");
  out.reject_when_busy = yes("policy.session.reject_session_when_busy");
  out.sessions_for_busy = number("policy.session.number_sessions_for_busy");
  out.sip_code_when_busy = number("policy.session.sip_code_when_busy");
  out.reject_when_headset_na = yes("policy.session.reject_session_when_headset_na");
  out.sip_code_when_headset_na = number("policy.session.sip_code_when_headset_na");
  out.ringing_enabled = digits_to_int(words("policy.session.ringing_enabled"));
  out.ringback_enabled = digits_to_int(words("policy.session.ringback_enabled"));
  out.ringing_timeout = as_seconds(number("policy.session.ringing_timeout"));
  out.ringing_file = words("policy.session.ringing_file");
  out.system_ringing_file = words("system.media.ringing_file");
  out.ringback_file = words("policy.session.ringback_file");
  out.callwait_tone_file = words("policy.session.callwait_tone_file");
  out.ringing_while_call_held = yes("policy.session.ringing_while_call_held");
  out.callwait_tone_enabled = yes("policy.session.callwait_tone_enabled");
  out.agc_mode = yes("policy.session.agc_mode");
  out.rx_agc_mode = yes("policy.session.rx_agc_mode");
  out.echo_control = yes("policy.session.echo_control");
  out.noise_suppression = yes("policy.session.noise_suppression");
  out.dtx_mode = yes("policy.session.dtx_mode");
  out.vad_level = number("policy.session.vad_level");
  out.restart_audio_if_stuck = yes("policy.session.restart_audio_if_stuck");
}

void Builder::fill_device(DeviceOptions& out) {
  out.use_headset = yes("policy.device.use_headset");
  out.audio_in = repeated("policy.device.audio_in_device");
  out.audio_out = repeated("policy.device.audio_out_device");
  out.ringer = repeated("policy.device.ringer_device");
  out.camera = repeated("policy.device.capture_device");
  out.headset = repeated("policy.device.headset_name");
  out.include_headset.clear();
  for (const auto& item : in_force<std::vector<std::string>>("policy.device.include_headset"))
    if (auto pair = parse_headset_pair(item)) out.include_headset.push_back(std::move(*pair));
  out.exclude_headset = words("policy.device.exclude_headset");
}

// Release 8.5 had numbers instead of a list.
std::string Builder::audio_codecs() const {
  constexpr std::string_view list = "codecs.enabled.audio", numbers = "policy.codecs.";
  std::vector<std::pair<std::int64_t, std::string>> numbered;
  for (auto at = out_->entries_.lower_bound(numbers);
       at != out_->entries_.end() && at->first.starts_with(numbers); ++at)
    if (const auto* number = std::get_if<std::int64_t>(&at->second.back().value))
      numbered.emplace_back(*number, at->first.substr(numbers.size()));
  if (numbered.empty() || in_file(list)) return joined(in_force<std::vector<std::string>>(list));
  std::sort(numbered.begin(), numbered.end());
  std::vector<std::string> names;
  for (auto& [number, name] : numbered) names.push_back(std::move(name));
  return joined(names);
}

void Builder::fill_codecs(CodecOptions& out) {
  std::vector<CodecSection> sections;
  for (const auto& path : out_->sections_) {
    if (!path.starts_with("codecs.") || path == "codecs.enabled") continue;
    CodecSection section{path.substr(7), {}, {}};
    if (in_file(path + ".payload_type"))
      section.payload_type = std::to_string(number(path + ".payload_type"));
    if (in_file(path + ".fmtp")) section.fmtp = words(path + ".fmtp");
    sections.push_back(std::move(section));
  }
  out.audio = merge_codec_sections(audio_codecs(), sections);
  out.video =
      merge_codec_sections(joined(in_force<std::vector<std::string>>("codecs.enabled.video")), sections);
}

void Builder::fill_connector(ConnectorOptions& out) {
  out.https = words("policy.connector.protocol") == "https";
  out.port = static_cast<std::uint16_t>(number("policy.connector.port"));
  out.certificate_search_value = words("policy.connector.certificate_search_value");
  out.tls_versions = words("policy.connector.sec_protocol");
  out.enable_sessionid = yes("policy.connector.enable_sessionid");
  out.auto_restart = yes("policy.connector.auto_restart");
}

void Builder::fill_diagnostics(DiagnosticsOptions& out) {
  out.enable_logging = yes("system.diagnostics.enable_logging");
  out.to_file = words("system.diagnostics.logger_type") == "file";
  out.log_file = words("system.diagnostics.log_file");
  const auto filters = in_force<std::vector<std::string>>("system.diagnostics.log_filter");
  out.hide_dtmf =
      std::any_of(filters.begin(), filters.end(), [](const auto& f) { return iequals(f, "dtmf"); });
  out.log_level = level(words("system.diagnostics.log_level")).value_or(LogLevel::info);
  out.endpoint_level = level(words("system.diagnostics.log_options_endpoint"));
  out.provider_options = in_force<std::vector<std::string>>("system.diagnostics.log_options_provider");
  out.log_segment = in_force<LogSegment>("system.diagnostics.log_segment");
  out.log_expire = in_force<LogExpire>("system.diagnostics.log_expire");
  out.utc = words("system.diagnostics.log_time_convert") == "utc";
  using Format = DiagnosticsOptions::TimeFormat;
  const std::string format = words("system.diagnostics.log_time_format");
  out.time_format = format == "time" ? Format::time : format == "locale" ? Format::locale : Format::iso8601;
}

void Builder::fill_security(SecurityOptions& out) {
  out.certificate = words("system.security.certificate");
  if (out.certificate.empty()) out.certificate = words("system.security.cert_file");
  out.tls_target_name_check = words("system.security.tls-target-name-check") == "host";
  if (const auto srtp = parse_use_srtp(words("system.security.use_srtp"))) {
    out.use_srtp = srtp->policy;
    out.unencrypted_srtcp = srtp->unencrypted_srtcp;
  }
}

void Builder::fill_proxy(Line& line, std::size_t index) {
  const std::string own = fmt::format("proxies.proxy{}", index);
  // A line without a section of its own takes all of proxy0's; one with a section takes nothing from there.
  const std::string proxy = out_->sections_.contains(own) ? own : "proxies.proxy0";
  const auto at = [&proxy](std::string_view name) { return fmt::format("{}.{}", proxy, name); };
  line.display_name = words(at("display_name"));
  line.domain = words(at("domain"));
  line.password = in_force<Secret<std::string>>(at("password"));
  line.reg_timeout = as_seconds(in_force<std::int64_t>(at("reg_timeout")));
  line.reg_interval = as_seconds(in_force<std::int64_t>(at("reg_interval")));
  line.reg_match_received_rport = yes(at("reg_match_received_rport"));
  line.http_proxy = words(at("http_proxy"));

  line.mailbox.user = words(at("mailbox.user"));
  line.mailbox.server = words(at("mailbox.server"));
  const std::string transport = words(at("mailbox.transport"));
  line.mailbox.transport = transport == "tcp"   ? MailboxTransport::tcp
                           : transport == "tls" ? MailboxTransport::tls
                                                : MailboxTransport::udp;
  const auto timeout = in_force<std::int64_t>(at("mailbox.timeout"));
  line.mailbox.timeout = as_seconds(timeout == 0 ? 1800 : timeout);
  line.mailbox.password = in_force<Secret<std::string>>(at("mailbox.password"));

  line.nat.ice_enabled = yes(at("nat.ice_enabled"));
  line.nat.stun_server = words(at("nat.stun_server"));
  line.nat.stun_server_port = static_cast<std::uint16_t>(number(at("nat.stun_server_port")));
  line.nat.turn_server = words(at("nat.turn_server"));
  line.nat.turn_server_port = static_cast<std::uint16_t>(number(at("nat.turn_server_port")));
  line.nat.turn_over_tcp = words(at("nat.turn_relay_type")) == "1";
  line.nat.turn_user_name = words(at("nat.turn_user_name"));
  line.nat.turn_password = in_force<Secret<std::string>>(at("nat.turn_password"));
}

void Builder::check_ports() {
  const auto backwards = [this](std::string_view name, const PortRange& range) {
    if (range.min <= range.max) return;
    const std::string min_path = fmt::format("policy.endpoint.{}_port_min", name);
    const std::string max_path = fmt::format("policy.endpoint.{}_port_max", name);
    problems_.error(std::max(line_of(min_path), line_of(max_path)), min_path,
                    fmt::format("{} is above {}_port_max, {}", range.min, name, range.max),
                    "write the smaller port as the minimum");
  };
  const auto& endpoint = out_->endpoint;
  backwards("sip", endpoint.sip_ports);
  backwards("rtp", endpoint.rtp_ports);
  constexpr std::string_view rtp_min = "policy.endpoint.rtp_port_min";
  if (endpoint.rtp_ports.min < 9000)
    problems_.warning(
        line_of(rtp_min), std::string(rtp_min),
        fmt::format("{} is below the documented range of 9000 to 65535", endpoint.rtp_ports.min),
        "accepted; take care that no other program uses these ports");
  // RFC 3550 §11: RTP takes an even port and RTCP the next one.
  if (endpoint.rtp_ports.min <= endpoint.rtp_ports.max &&
      (endpoint.rtp_ports.min + 1) / 2 * 2 + 1 > endpoint.rtp_ports.max)
    problems_.error(std::max(line_of(rtp_min), line_of("policy.endpoint.rtp_port_max")), std::string(rtp_min),
                    "the range holds no even port with the one above it",
                    "leave room for at least one pair for each call");
  constexpr std::string_view tcp_max = "policy.endpoint.tcp_port_max";
  const bool tcp_wished = in_file(tcp_max) && number(tcp_max) != 0;
  if (tcp_wished && endpoint.tcp_ports == PortRange{})
    problems_.warning(line_of(tcp_max), std::string(tcp_max), "does not make a range with tcp_port_min",
                      "the system chooses ports; write a minimum above 0 and a larger maximum");
}

void Builder::check_sounds() {
  for (const std::string_view path : {"policy.session.ringing_file", "policy.session.ringback_file",
                                      "policy.session.callwait_tone_file", "system.media.ringing_file"}) {
    const std::string file = words(path);
    if (file.size() < 4 || !iequals(std::string_view(file).substr(file.size() - 4), ".mp3")) continue;
    problems_.warning(line_of(path), std::string(path), fmt::format("'{}' cannot be played", file),
                      "give a WAV file: PCM 16 bit at 8, 16 or 32 kHz, A-law or mu-law");
  }
}

void Builder::check_combinations() {
  const auto warn = [this](std::string_view path, std::string text, std::string remedy) {
    problems_.warning(line_of(path), std::string(path), std::move(text), std::move(remedy));
  };
  if (out_->session.reject_when_headset_na && !out_->device.use_headset)
    warn("policy.session.reject_session_when_headset_na", "has no effect with use_headset=0",
         "set policy.device.use_headset to 1");
  if (out_->device.use_headset && out_->device.headset.empty() && out_->device.include_headset.empty())
    warn("policy.device.use_headset", "no headset is listed, so none is ever available",
         "set policy.device.headset_name; * is any");
  for (const std::string_view path : {"policy.device.audio_in_device", "policy.device.audio_out_device"})
    if (out_->device.use_headset && in_file(path) && !repeated(path).empty())
      warn(path, "has no effect with use_headset=1", "list the device in policy.device.headset_name");
  const bool rings_apart = out_->session.ringing_enabled == 4 || out_->session.ringing_enabled == 5;
  if (rings_apart && out_->device.ringer.empty())
    warn("policy.session.ringing_enabled", "no ringer_device is named: the system's default device rings",
         "set policy.device.ringer_device");
  if (out_->endpoint.vq_report_publish && out_->endpoint.vq_report_collector.empty())
    warn("policy.endpoint.vq_report_publish", "there is no collector to publish to",
         "set policy.endpoint.vq_report_collector");
  if (out_->endpoint.vq_alarm_threshold > 4.2)
    warn("policy.endpoint.vq_alarm_threshold", "some codecs never reach a MOS above 4.2",
         "3.5 is a good choice");
  const auto& diagnostics = out_->diagnostics;
  if (in_file("system.diagnostics.log_options_endpoint") &&
      diagnostics.endpoint_level > diagnostics.log_level)
    warn("system.diagnostics.log_options_endpoint", "is above log_level, which limits all of the log",
         "raise log_level, or lower this");
  if (out_->codecs.audio.empty())
    problems_.error(line_of("codecs.enabled.audio"), "codecs.enabled.audio",
                    "no audio codec is enabled: no call can be made",
                    "list at least pcmu, or take the setting out, which enables the default");
  if (in_file("system.security.certificate") && in_file("system.security.cert_file"))
    warn("system.security.cert_file", "certificate is set, too, and wins", "take out cert_file");
}

}  // namespace sidetone::config
