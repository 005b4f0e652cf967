#include "engine/configured_settings.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include "base/text.h"
#include "sip/message/uri.h"
#include "sip/transport/via_text.h"

namespace sidetone::engine {
namespace {

DtmfMethod dtmf_method_of(config::DtmfVia via) {
  switch (via) {
    case config::DtmfVia::rfc2833: return DtmfMethod::rfc2833;
    case config::DtmfVia::info: return DtmfMethod::info;
    case config::DtmfVia::inband_rtp: return DtmfMethod::inband_rtp;
  }
  return DtmfMethod::rfc2833;
}

endpoint::CoreDevices devices_of(const config::Configuration& c) {
  endpoint::CoreDevices devices;
  auto& policy = devices.policy;
  policy.use_headset = c.device.use_headset;
  policy.headset_name = c.device.headset;
  policy.audio_in_device = c.device.audio_in;
  policy.audio_out_device = c.device.audio_out;
  policy.ringer_device = c.device.ringer;
  policy.exclude_headset = {c.device.exclude_headset};
  for (const auto& pair : c.device.include_headset)
    policy.include_headset.push_back({pair.microphone, pair.speaker});
  policy.reject_session_when_headset_na = c.session.reject_when_headset_na;
  devices.headset_na_status = c.session.sip_code_when_headset_na;
  devices.voice = {c.session.echo_control, c.session.noise_suppression, c.session.agc_mode};
  devices.use.release_delay = c.endpoint.defer_device_release;
  // The units name the audio system, of which there is one here; the thousands keep channels open.
  const int kept = c.endpoint.webrtc_audio_layer / 1000;
  devices.use.keep_microphone = kept == 1 || kept == 3;
  devices.use.keep_speaker = kept == 2 || kept == 3;
  return devices;
}

ToneFileSetting tone_file(const config::Configuration& c, std::string_view option, const std::string& file) {
  return {file, std::string(option), c.is_set(option)};
}

void set_tones(const config::Configuration& c, PhoneSettings& settings) {
  const auto& session = c.session;
  auto& tones = settings.core.tones;
  tones.ringing = static_cast<endpoint::RingWhere>(session.ringing_enabled);
  tones.ringing_timeout = session.ringing_timeout;
  tones.ringing_while_call_held = session.ringing_while_call_held;
  tones.call_waiting = session.callwait_tone_enabled;
  tones.ringback = session.ringback_enabled;
  tones.dtmf_feedback = session.dtmf_feedback;
  settings.tone_files = {
      // by endpoint::ToneFile
      tone_file(c, "policy.session.ringing_file", session.ringing_file),
      tone_file(c, "system.media.ringing_file", session.system_ringing_file),
      tone_file(c, "policy.session.callwait_tone_file", session.callwait_tone_file),
      tone_file(c, "policy.session.ringback_file", session.ringback_file),
  };
}

// "Sidetone/0.1.0 (Linux 6.1.0)"
std::string user_agent_of(const config::EndpointOptions& given) {
  std::string text = "Sidetone";
  if (given.include_sdk_version) text += "/" SIDETONE_VERSION;
  utsname system{};
  if (given.include_os_version && ::uname(&system) == 0) {
    const std::string_view release = system.release;
    text +=
        fmt::format(" ({} {})", system.sysname, release.substr(0, release.find_first_not_of("0123456789.")));
  }
  return text;
}

// What the configuration says, and what it says only when asked whole.
class Taking {
 public:
  Taking(const config::Configuration& configuration, bool whole) : c_(configuration), whole_(whole) {}
  [[nodiscard]] bool says(std::string_view path) const { return whole_ || c_.is_set(path); }
  // Any option below it.
  [[nodiscard]] bool says_of(std::string_view section) const { return whole_ || c_.has_section(section); }

 private:
  const config::Configuration& c_;
  bool whole_;
};

void take_session(const config::Configuration& c, const Taking& taking, PhoneSettings& settings) {
  if (taking.says("policy.session.dtx_mode")) settings.core.leave_out_silence = c.session.dtx_mode;
  if (taking.says("policy.session.vad_level")) settings.vad_level = c.session.vad_level;
  if (taking.says("policy.session.auto_answer")) settings.core.auto_answer = c.session.auto_answer;
  if (taking.says("policy.session.auto_answer_delay"))
    settings.core.auto_answer_delay = c.session.auto_answer_delay;
  if (taking.says("policy.session.auto_answer_when_asked"))
    settings.core.auto_answer_when_asked = c.session.auto_answer_when_asked;
  if (taking.says("policy.endpoint.refer_to_proxy")) settings.core.refer_to_proxy = c.endpoint.refer_to_proxy;
  if (taking.says("policy.session.restart_audio_if_stuck"))
    settings.restart_audio_if_stuck = c.session.restart_audio_if_stuck;
  if (taking.says("policy.session.dtmf_method"))
    settings.core.dtmf_method = dtmf_method_of(c.session.dtmf_method);
  if (taking.says("system.diagnostics.log_filter")) settings.log_hides_digits = c.diagnostics.hide_dtmf;
  if (taking.says("policy.session.reject_session_when_busy"))
    settings.core.reject_when_busy = c.session.reject_when_busy;
  if (taking.says("policy.session.number_sessions_for_busy"))
    settings.core.busy_sessions = static_cast<std::size_t>(c.session.sessions_for_busy);
  if (taking.says("policy.session.sip_code_when_busy"))
    settings.core.busy_status = c.session.sip_code_when_busy;
  if (taking.says("policy.session.rx_agc_mode")) settings.level_received = c.session.rx_agc_mode;
}

void take_ports(const config::Configuration& c, const Taking& taking, PhoneSettings& settings) {
  if (taking.says("policy.endpoint.sip_port_min") || taking.says("policy.endpoint.sip_port_max")) {
    settings.sip_port_min = c.endpoint.sip_ports.min;
    settings.sip_port_max = c.endpoint.sip_ports.max;
  }
  if (taking.says("policy.endpoint.rtp_port_min") || taking.says("policy.endpoint.rtp_port_max")) {
    settings.rtp_port_min = c.endpoint.rtp_ports.min;
    settings.rtp_port_max = c.endpoint.rtp_ports.max;
  }
  if (taking.says("policy.endpoint.tcp_port_min") || taking.says("policy.endpoint.tcp_port_max")) {
    settings.tcp_port_min = c.endpoint.tcp_ports.min;
    settings.tcp_port_max = c.endpoint.tcp_ports.max;
  }
}

void take_endpoint(const config::Configuration& c, const Taking& taking, PhoneSettings& settings) {
  if (taking.says("policy.endpoint.answer_sdp_priority"))
    settings.core.answer_by_offer_order = c.endpoint.answer_by_offer_order;
  if (taking.says("policy.endpoint.signaling_qos")) settings.signaling_dscp = c.endpoint.signaling_qos;
  if (taking.says("policy.endpoint.audio_qos")) settings.audio_dscp = c.endpoint.audio_qos;
  if (taking.says("policy.endpoint.rtp_inactivity_timeout"))
    settings.core.rtp_inactivity_timeout = c.endpoint.rtp_inactivity_timeout;
  if (taking.says("policy.endpoint.vq_alarm_threshold"))
    settings.core.vq_alarm_threshold = c.endpoint.vq_alarm_threshold;
  if (taking.says("policy.endpoint.vq_report_publish"))
    settings.core.extended_reports = c.endpoint.vq_report_publish;
  if (taking.says("policy.endpoint.sip_transaction_timeout"))
    settings.transaction_timeout = c.endpoint.sip_transaction_timeout;
  if (taking.says("policy.endpoint.public_address")) settings.public_address = c.endpoint.public_address;
  if (taking.says("policy.endpoint.ip_versions")) settings.ip_versions = c.endpoint.ip_versions;
  if (taking.says("policy.endpoint.sip_port_binding"))
    settings.sip_port_binding = c.endpoint.sip_port_binding;
  settings.user_agent = user_agent_of(c.endpoint);
  if (taking.says("policy.endpoint.include_mac_address"))
    settings.include_mac_address = c.endpoint.include_mac_address;
  take_ports(c, taking, settings);
}

}  // namespace

Expected<sip::Transport> transport_of(std::string_view protocol) {
  if (iequals(protocol, "udp") || protocol.empty()) return sip::Transport::udp;
  if (iequals(protocol, "tcp")) return sip::Transport::tcp;
  if (iequals(protocol, "tls")) return sip::Transport::tls;
  return fail(Layer::config, Fault::unsupported, fmt::format("protocol '{}' is not spoken", protocol),
              "write udp, tcp or tls");
}

// SDK guide: a name without port is that of SRV records. An address has none.
std::uint16_t port_of(const config::Server& server, sip::Transport transport) {
  return server.port == 0 && IpAddress::parse(server.host) ? sip::default_port(transport) : server.port;
}

Expected<endpoint::CoreLine> core_line(const config::Line& given) {
  endpoint::CoreLine line;
  auto transport = transport_of(config::to_string(given.transport));
  if (!transport) return tl::make_unexpected(transport.error());
  line.user = given.user;
  line.server_host = given.server.host;
  line.server_port = port_of(given.server, *transport);
  line.domain = given.domain;
  line.transport = *transport;
  line.display_name = given.display_name;
  line.password = given.password;
  line.register_expires = given.reg_timeout;
  line.register_retry = given.reg_interval;
  line.contact_as_seen = given.reg_match_received_rport;
  return line;
}

// system.security.certificate names a certificate of the Windows store by its thumbprint; files have none.
Expected<void> set_security(const config::SecurityOptions& given, net::TlsSettings& tls) {
  if (!given.tls_target_name_check) tls.name_check = net::TlsNameCheck::none;
  if (given.certificate.empty()) return {};
  if (given.certificate.find_first_not_of("0123456789abcdefABCDEF :-") == std::string::npos)
    return fail(Layer::config, Fault::unsupported,
                fmt::format("'{}' is a thumbprint, and this system has no store "
                            "of certificates with keys",
                            given.certificate),
                "write the path of a PEM file with the certificate and its key");
  tls.certificate_file = given.certificate;
  return {};
}

// "collector@192.0.2.9:5060;transport=tcp".
Expected<std::optional<endpoint::ReportCollector>> collector_of(const config::EndpointOptions& given) {
  if (given.vq_report_collector.empty()) return std::nullopt;
  constexpr std::string_view scheme = "sip:";
  const auto& text = given.vq_report_collector;
  const auto full = text.starts_with(scheme) ? text : std::string(scheme) + text;
  const auto uri = sip::Uri::parse(full);
  const auto transport = transport_of(uri ? uri->transport() : std::string_view{});
  if (!uri || uri->host.empty() || !transport)
    return fail(Layer::config, Fault::syntax, fmt::format("'{}' is no SIP address", text),
                "write user@host:port, with ;transport=tcp or ;transport=tls behind it if wanted");
  return endpoint::ReportCollector{full, std::string(uri->host),
                                   uri->port != 0 ? uri->port : sip::default_port(*transport), *transport};
}

void set_default_tones(PhoneSettings& settings) { set_tones(config::Configuration(), settings); }

Expected<void> take_configuration(const config::Configuration& c, bool whole, PhoneSettings& settings) {
  const Taking taking(c, whole);
  for (const auto& given : c.lines) {
    auto line = core_line(given);
    if (!line) return tl::make_unexpected(line.error());
    settings.core.lines.push_back(std::move(*line));
  }
  auto collector = collector_of(c.endpoint);
  if (!collector) return tl::make_unexpected(collector.error());
  if (c.endpoint.vq_report_publish) settings.core.report_collector = std::move(*collector);
  take_session(c, taking, settings);
  take_endpoint(c, taking, settings);
  if (taking.says_of("policy.device") || taking.says_of("policy.session") ||
      taking.says_of("policy.endpoint")) {
    auto devices = devices_of(c);
    // One option that is set by hand changes no other: without a file gain control is off.
    if (!taking.says("policy.session.agc_mode"))
      devices.voice.gain_control = settings.core.devices->voice.gain_control;
    settings.core.devices = std::move(devices);
  }
  if (taking.says_of("policy.session") || taking.says_of("system.media")) set_tones(c, settings);
  if (taking.says("system.security.use_srtp")) {
    settings.core.srtp.policy = c.security.use_srtp;
    settings.core.srtp.unencrypted_srtcp = c.security.unencrypted_srtcp;
  }
  if (auto security = set_security(c.security, settings.tls); !security) return security;
  if (!taking.says_of("codecs") && !taking.says_of("policy.codecs")) return {};
  auto codecs = codec::parse_enabled(c.codecs.audio);
  if (!codecs) return tl::make_unexpected(codecs.error());
  settings.core.codecs = std::move(*codecs);
  return {};
}

}  // namespace sidetone::engine
