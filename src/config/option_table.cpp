// The option table. Defaults are the documented ones; where documents give none, the value that a fresh
// installation of the phone uses. Each row: path, accepted values, default, when it applies, flags, meaning.
#include "config/option.h"

namespace sidetone::config {
namespace {

using enum Applies;
using Text = std::string_view;

constexpr Option flag(Text path, Text value, Applies applies, OptionFlags flags, Text doc) {
  return {path, OptionType::bool01, 0, 1, {}, value, {}, applies, flags, doc};
}
constexpr Option number(OptionType type, Text path, std::int64_t min, std::int64_t max, Text value,
                        Applies applies, OptionFlags flags, Text doc) {
  return {path, type, min, max, {}, value, {}, applies, flags, doc};
}
constexpr Option whole(Text path, std::int64_t min, std::int64_t max, Text value, Applies applies,
                       OptionFlags flags, Text doc) {
  return number(OptionType::integer, path, min, max, value, applies, flags, doc);
}
constexpr Option port_number(Text path, std::int64_t min, Text value, Applies applies, OptionFlags flags,
                             Text doc) {
  return number(OptionType::port, path, min, 65535, value, applies, flags, doc);
}
constexpr Option lifetime(Text path, std::int64_t min, std::int64_t max, Text value, Applies applies,
                          OptionFlags flags, Text doc) {
  return number(OptionType::seconds, path, min, max, value, applies, flags, doc);
}
constexpr Option millis(Text path, std::int64_t min, std::int64_t max, Text value, Applies applies,
                        OptionFlags flags, Text doc) {
  return number(OptionType::milliseconds, path, min, max, value, applies, flags, doc);
}
constexpr Option choice(Text path, Text choices, Text value, Applies applies, OptionFlags flags, Text doc) {
  return {path, OptionType::enumeration, 0, 0, choices, value, {}, applies, flags, doc};
}
constexpr Option text(OptionType type, Text path, Text value, Applies applies, OptionFlags flags, Text doc) {
  return {path, type, 0, 0, {}, value, {}, applies, flags | empty_ok, doc};
}
constexpr Option falling_back(Option option, Text fallback) {
  option.fallback = fallback;
  return option;
}

constexpr Text log_levels = "0=fatal|1=error|2=warning|3=info|4=debug";
constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t delta_seconds_max = 4'294'967'295;  // RFC 3261 §20.19
constexpr std::int64_t delay_ms_max = 600'000;             // nobody waits longer than ten minutes for a phone

using enum OptionType;

constexpr Option table[] = {
    // Basic: one Connectivity element for each line
    text(string, "connectivity.user", "", next_registration, 0,
         "Directory number that the line registers; the user part of its SIP address."),
    text(string, "connectivity.server", "", next_registration, 0,
         "host:port of the SIP server; a name without port is looked up as SRV; for https the gateway, with "
         "?sip-proxy-address=host:port behind it."),
    choice("connectivity.protocol", "udp|tcp|tls|https", "udp", next_registration, 0,
           "Transport of the line; https means a WebRTC gateway."),
    text(string, "connectivity.sip-proxy-address", "", next_registration, 0,
         "Part of the server value: the SIP proxy at which a WebRTC gateway registers the line."),

    // policy.connector
    choice("policy.connector.protocol", "http|https", "http", restart, 0,
           "How the local connector for agent desktops listens."),
    port_number("policy.connector.port", 1, "8000", restart, 0,
                "TCP port of the local connector; the agent desktop's address of it must name the same one."),
    text(string, "policy.connector.certificate_search_value", "", restart, 0,
         "Thumbprint of the certificate that the connector shows with https; spaces do not matter."),
    flag("policy.connector.enable_sessionid", "1", restart, 0,
         "Whether connector clients are kept apart by a session cookie."),
    flag("policy.connector.auto_restart", "1", restart, 0,
         "Whether the program starts afresh after an agent desktop has logged out."),
    text(string, "policy.connector.sec_protocol", "", restart, 0, "TLS versions that the connector offers."),
    text(string, "policy.connector.partition", "", restart, ignored, "Known from files, never documented."),

    // policy.endpoint
    whole("policy.endpoint.audio_qos", 0, 63, "0", next_call, 0, "DSCP of the audio packets that are sent."),
    whole("policy.endpoint.video_qos", 0, 63, "0", next_call, 0, "DSCP of the video packets that are sent."),
    whole("policy.endpoint.signaling_qos", 0, 63, "0", restart, 0, "DSCP of the SIP packets that are sent."),
    flag("policy.endpoint.include_os_version_in_user_agent_header", "1", next_registration, 0,
         "Whether User-Agent names the operating system's version."),
    flag("policy.endpoint.include_sdk_version_in_user_agent_header", "1", next_registration, 0,
         "Whether User-Agent names the SDK's version."),
    choice(
        "policy.endpoint.ip_versions", "IPv4,IPv6|IPv6,IPv4|IPv4|IPv6", "IPv4,IPv6", restart, empty_ok,
        "Address families of the own address; of a pair the first is preferred. No effect with an explicit "
        "public_address."),
    text(string, "policy.endpoint.public_address", "", restart, 0,
         "The own address: empty or $auto, $ipv4, $ipv6, $host, $fqdn, $<adapter>, $net:<CIDR>, an IP "
         "address or "
         "a name; names stand in Contact, the session description always has an IP address."),
    flag("policy.endpoint.include_mac_address", "0", next_registration, 0,
         "Whether Contact carries an instance id made of the interface's hardware address (RFC 5626)."),
    flag("policy.endpoint.refer_to_proxy", "0", next_call, 0,
         "Where a call asked for by REFER goes: 0 to the Refer-To address, 1 to the line's proxy."),
    lifetime("policy.endpoint.rtp_inactivity_timeout", 5, 150, "150", next_call, zero_too,
             "Silence of RTP and RTCP after which a call is ended; 0 switches the watch off."),
    port_number("policy.endpoint.rtp_port_min", 1024, "9000", next_call, lenient,
                "Lowest local RTP port; documents ask for 9000 or more."),
    port_number("policy.endpoint.rtp_port_max", 1024, "", next_call, lenient | empty_ok,
                "Highest local RTP port; rtp_port_min + 999 when not given."),
    port_number("policy.endpoint.tcp_port_min", 0, "0", restart, lenient | empty_ok,
                "Lowest source port of SIP connections over TCP and TLS; 0 leaves it to the system."),
    port_number("policy.endpoint.tcp_port_max", 0, "0", restart, lenient | empty_ok,
                "Highest source port of SIP connections over TCP and TLS; acts when above tcp_port_min."),
    port_number("policy.endpoint.sip_port_min", 1, "5060", restart, lenient, "Lowest local SIP port."),
    port_number("policy.endpoint.sip_port_max", 1, "", restart, lenient | empty_ok,
                "Highest local SIP port; sip_port_min + 6 when not given."),
    millis("policy.endpoint.sip_transaction_timeout", 1, 32'000, "4000", restart, 0,
           "Time after which a SIP request without answer is given up."),
    whole("policy.endpoint.video_max_bitrate", 0, 100'000, "0", next_call, empty_ok,
          "Most kbit/s of sent video; 0 sets no limit."),
    text(string, "policy.endpoint.vq_report_collector", "", next_call, 0,
         "user@host:port;transport=... that voice quality reports are published to; no SRV name."),
    flag("policy.endpoint.vq_report_publish", "0", next_call, 0,
         "Whether a voice quality report is published after each call."),
    number(real, "policy.endpoint.vq_alarm_threshold", 1, 5, "0", now, zero_too,
           "MOS below which the voice quality alarm is raised; 0 for none, 3.5 is a good choice."),
    choice(
        "policy.endpoint.webrtc_audio_layer",
        "0|1|2|500|501|502|1000|1001|1002|2000|2001|2002|3000|3001|3002", "0", restart, 0,
        "Audio system (0 by GCTI_AUDIO_LAYER, 1, 2) plus 1000 to keep the microphone open, 2000 the speaker, "
        "3000 both."),
    choice("policy.endpoint.answer_sdp_priority", "config|offer", "config", next_call, 0,
           "Whose order of codecs picks the codec of an answer."),
    flag("policy.endpoint.sip_port_binding", "0", restart, 0,
         "1 listens for SIP on public_address only, 0 on all interfaces."),
    millis("policy.endpoint.defer_device_release", 0, delay_ms_max, "200", next_call, 0,
           "How long audio devices stay open after a stream has ended; 0 closes them at once."),
    text(list, "policy.endpoint.gui_tabs", "status,calls,devices", restart, 0,
         "Tabs of the window, in this order."),
    whole("policy.endpoint.gui_call_lines", 1, 20, "3", restart, 0, "Rows for calls in the window."),

    // policy.session
    flag("policy.session.agc_mode", "1", now, 0, "Automatic gain control of the microphone."),
    flag("policy.session.rx_agc_mode", "0", next_call, 0, "Automatic gain control of what is heard."),
    flag("policy.session.auto_accept_video", "0", next_call, 0,
         "Whether automatic answer takes video, too; acts with auto_answer=1."),
    flag("policy.session.auto_answer", "0", next_call, 0,
         "Whether incoming calls are answered without the user."),
    millis("policy.session.auto_answer_delay", 0, delay_ms_max, "1500", next_call, 0,
           "Time from a call's arrival to its automatic answer."),
    flag("policy.session.auto_answer_when_asked", "0", next_call, 0,
         "Own option: whether a call is answered by itself when the server asks for it (answer-after in "
         "Call-Info or "
         "Alert-Info), after the time named there."),
    flag("policy.session.callwait_tone_enabled", "1", next_call, 0, "Whether a second call sounds a tone."),
    text(path, "policy.session.callwait_tone_file", "callwait.wav", next_call, 0,
         "WAV of the call-waiting tone; where it is not there, a tone is generated."),
    flag("policy.session.dtmf_feedback", "1", next_call, 0,
         "Whether the user hears the digits that are sent, softly, on the speaker of the call."),
    choice("policy.session.dtmf_method", "rfc2833|info|inbandrtp", "rfc2833", next_call, 0,
           "How digits are sent: RTP telephone-events, SIP INFO, or tones in the audio; where a call cannot "
           "do it, "
           "by the next of the three that it can."),
    flag("policy.session.echo_control", "0", now, 0, "Acoustic echo cancellation."),
    flag("policy.session.noise_suppression", "0", now, 0, "Noise suppression on the microphone."),
    flag("policy.session.dtx_mode", "0", next_call, 0,
         "Discontinuous transmission: little is sent in silence."),
    whole("policy.session.vad_level", 0, 3, "1", next_call, 0,
          "How eagerly voice activity detection saves bandwidth; acts with dtx_mode=1."),
    flag("policy.session.reject_session_when_headset_na", "0", next_call, 0,
         "With use_headset=1: refuse calls in and out while no listed headset is there."),
    whole("policy.session.sip_code_when_headset_na", 400, 699, "480", next_call, lenient,
          "Status of calls refused for lack of a headset."),
    choice("policy.session.ringback_enabled", "0|1|2|3|4|6", "2", next_call, 0,
           "Ring-back of outgoing calls: 0 none, 1 reliable early media, 2 local tone, 3 = 1 + 2, 4 as 1 and "
           "unreliable early media, 6 = 4 + 2; with both, the tone sounds until early media arrive."),
    text(path, "policy.session.ringback_file", "", next_call, 0,
         "WAV of the local ring-back; empty: a generated tone."),
    choice(
        "policy.session.ringing_enabled", "0|1|2|3|4|5|6|7", "1", next_call, 0,
        "Where incoming calls ring: 0 nowhere, 1 system device, 2 headset, 3 = 1 + 2, 4 ringer_device, "
        "5 = 1 + 4, 6 headset once in full, 7 system device and headset once in full; answering does not cut "
        "6 and 7 off."),
    lifetime("policy.session.ringing_timeout", 0, day_s, "0", next_call, empty_ok,
             "Longest ringing; 0 or empty sets no limit; not for ringing_enabled 6 and 7."),
    text(path, "policy.session.ringing_file", "ringing.wav", next_call, 0,
         "WAV of the ringtone on the headset and on ringer_device; where it is not there, a tone is "
         "generated."),
    flag(
        "policy.session.ringing_while_call_held", "1", next_call, 0,
        "Whether a call rings while another is held; 0 plays the call-waiting tone instead, which is what an "
        "active call hears in any case."),
    flag("policy.session.restart_audio_if_stuck", "0", restart, empty_ok,
         "Whether a stuck audio stream is restarted."),
    flag("policy.session.reject_session_when_busy", "0", next_call, empty_ok,
         "Whether calls are refused when number_sessions_for_busy calls are there."),
    whole("policy.session.number_sessions_for_busy", 1, 10'000, "1", next_call, 0,
          "Calls from which on the phone counts as busy."),
    whole("policy.session.sip_code_when_busy", 400, 699, "486", next_call, empty_ok,
          "Status of calls refused as busy."),

    // policy.device
    text(regex, "policy.device.audio_in_device", "", next_call, repeatable,
         "Microphone for use_headset=0, best first."),
    text(regex, "policy.device.audio_out_device", "", next_call, repeatable,
         "Speaker for use_headset=0, best first."),
    text(regex, "policy.device.ringer_device", "", next_call, repeatable,
         "Device that rings with ringing_enabled 4 and 5, best first."),
    text(regex, "policy.device.capture_device", "", next_call, repeatable, "Camera."),
    text(regex, "policy.device.headset_name", "", next_call, repeatable,
         "Headsets for use_headset=1, best first; * is any."),
    text(list, "policy.device.include_headset", "", next_call, 0,
         "Pairs microphone:speaker that count as one headset."),
    text(regex, "policy.device.exclude_headset", "", next_call, 0,
         "Device that never counts as a headset; its parts may still be used."),
    flag("policy.device.use_headset", "0", next_call, 0,
         "1 uses headset_name and nothing else, 0 uses audio_in_device and audio_out_device."),
    flag("policy.device.manual_audio_devices_configure", "0", restart, ignored, "Release 8.5 only."),
    whole(
        "policy.codecs.*", 1, 127, "", next_call, deprecated | lenient | empty_ok,
        "Codec priority of release 8.5, 1 before 2; makes the list where codecs.enabled.audio is not there."),

    // codecs
    text(list, "codecs.enabled.audio", "opus,G722,pcmu,pcma", next_call, 0,
         "Audio codecs, best first: name[/rate[/channels]][=(pt=n,fmtp=\"...\")]; what is not listed is not "
         "used."),
    text(list, "codecs.enabled.video", "", next_call, 0,
         "Video codecs, best first, in the same grammar; ulpfec adds forward error correction (RFC 5109)."),
    whole("codecs.*.payload_type", 0, 127, "", next_call, empty_ok,
          "RTP payload type of the section's codec; a pt in the enabled list wins."),
    text(string, "codecs.*.fmtp", "", next_call, 0,
         "Format parameters of the section's codec; an fmtp in the enabled list wins."),
    choice("codecs.h264.profile", "Baseline", "Baseline", next_call, lenient,
           "H.264 profile; any other than Baseline is replaced by it."),

    // proxies: proxyN is for line N; a line without section takes proxy0's
    text(string, "proxies.proxyN.display_name", "", next_registration, 0,
         "Name that the line shows to others."),
    text(string, "proxies.proxyN.domain", "", next_registration, 0,
         "SIP domain (host:port, perhaps with parameters); empty: taken from the Connectivity element."),
    text(secret, "proxies.proxyN.password", "", next_registration, 0, "Password of the line's digest login."),
    falling_back(lifetime("proxies.proxyN.reg_interval", 0, day_s, "0", next_registration, lenient | empty_ok,
                          "Pause before a failed registration starts again; 0: it does not by itself."),
                 "0"),
    flag("proxies.proxyN.reg_match_received_rport", "0", next_registration, deprecated,
         "Older way to follow a changed address; the phone does so by itself."),
    falling_back(lifetime("proxies.proxyN.reg_timeout", 0, delta_seconds_max, "1800", next_registration,
                          lenient | empty_ok, "Lifetime of the registration; 0 or empty: no registration."),
                 "0"),
    text(string, "proxies.proxyN.http_proxy", "", next_registration, 0,
         "HTTP proxy towards a WebRTC gateway."),
    text(secret, "proxies.proxyN.mailbox.password", "", next_registration, 0, "Password of the mailbox."),
    text(string, "proxies.proxyN.mailbox.server", "", next_registration, 0,
         "host:port of the mailbox's proxy; no SRV name."),
    lifetime("proxies.proxyN.mailbox.timeout", 1, delta_seconds_max, "1800", next_registration,
             zero_too | empty_ok, "Lifetime of the mailbox subscription; 0 gives the default."),
    choice("proxies.proxyN.mailbox.transport", "udp|tcp|tls", "udp", next_registration, empty_ok,
           "Transport towards the mailbox."),
    text(string, "proxies.proxyN.mailbox.user", "", next_registration, 0,
         "Mailbox number; empty: no message waiting indication."),
    flag("proxies.proxyN.nat.ice_enabled", "0", next_call, words_ok, "Whether ICE is used."),
    text(string, "proxies.proxyN.nat.stun_server", "", next_call, 0, "STUN server; empty: none."),
    port_number("proxies.proxyN.nat.stun_server_port", 1, "3478", next_call, empty_ok,
                "Port of the STUN server."),
    text(secret, "proxies.proxyN.nat.turn_password", "", next_call, deprecated,
         "TURN password; the variable GCTI_TURN_PASSWORD is preferred."),
    choice("proxies.proxyN.nat.turn_relay_type", "0=udp|1=tcp", "0", next_call, empty_ok,
           "Transport towards the TURN server."),
    text(string, "proxies.proxyN.nat.turn_server", "", next_call, 0, "TURN server; empty: none."),
    port_number("proxies.proxyN.nat.turn_server_port", 1, "3478", next_call, empty_ok,
                "Port of the TURN server."),
    text(string, "proxies.proxyN.nat.turn_user_name", "", next_call, deprecated,
         "TURN user; the variable GCTI_TURN_USERNAME is preferred."),

    // system.diagnostics
    flag("system.diagnostics.enable_logging", "1", now, 0, "Whether a log is written."),
    text(path, "system.diagnostics.log_file", "", now, 0,
         "Log file, ~ being the home folder; several targets are separated by commas, stdout and stderr are "
         "two. Empty: no log. With log_segment the time of its start is in a file's name."),
    text(list, "system.diagnostics.log_filter", "", now, 0, "What the log hides: dtmf shows digits as x."),
    choice("system.diagnostics.log_level", log_levels, "3", now, 0, "Most detailed level in the log."),
    text(list, "system.diagnostics.log_options_provider", "", now, 0,
         "Levels of lower layers, such as gsip=2,webrtc=(error,critical): gsip is SIP (messages are shown "
         "from 2 "
         "on), pjnt the network, rtpt and webrtc the sound."),
    choice(
        "system.diagnostics.log_options_endpoint", "0=fatal|1=error|2=warning|3=info|4=debug|5=disabled", "2",
        now, 0,
        "Level of the endpoint's part of the log: calls, lines, devices, configuration. log_level limits it, "
        "too."),
    falling_back(
        choice("system.diagnostics.logger_type", "file|none", "file", now, empty_ok,
               "Where the log goes: file writes the files of log_file, none (or empty) only its stdout "
               "and stderr."),
        "none"),
    {"system.diagnostics.log_segment",
     size,
     0,
     0,
     {},
     "10 MB",
     {},
     now,
     0,
     "When a new log file begins: false (one file for ever, named as log_file says), n or n KB, n MB, n hr."},
    {"system.diagnostics.log_expire",
     expiry,
     0,
     0,
     {},
     "10",
     {},
     now,
     0,
     "Which old log files go: false none, n or n file keeps n files (1-1000), n day keeps n days (1-100). "
     "Acts "
     "with log_segment."},
    choice("system.diagnostics.log_time_convert", "local|utc", "local", now, 0, "Time zone in the log."),
    choice("system.diagnostics.log_time_format", "time|locale|ISO8601", "time", now, 0,
           "Form of the time in the log: HH:MM:SS.sss, that of the system's locale (LC_TIME), or with the "
           "date."),

    // system.security, media, telemetry
    text(string, "system.security.certificate", "", restart, 0,
         "The own certificate, for both sides of TLS: a PEM file with its key (on Windows a thumbprint)."),
    text(string, "system.security.cert_file", "", restart, deprecated, "Older name of certificate."),
    flag("system.security.tls_enabled", "0", restart, ignored,
         "No longer read; the line's protocol decides."),
    choice("system.security.tls-target-name-check", "host|no=none", "host", restart, 0,
           "Whether the server's certificate must name the server."),
    choice("system.security.use_srtp", "disabled=off|optional=allowed|elective=both|enabled|force=mandatory",
           "disabled", next_call, srtcp_suffix,
           "Secure media: refused, accepted, offered beside plain, offered only, demanded; ,UEC leaves RTCP "
           "unencrypted."),
    text(path, "system.media.ringing_file", "ringing.wav", next_call, 0,
         "WAV of the ringtone on the system device (MP3 is not playable); where it is not there, a tone is "
         "generated."),
    flag("system.telemetry.enable_traces", "0", restart, ignored,
         "Known from files; no telemetry leaves the phone."),
    flag("system.telemetry.enable_metrics", "0", restart, ignored,
         "Known from files; no telemetry leaves the phone."),
    lifetime("system.telemetry.publish_interval", 0, day_s, "60", restart, ignored,
             "Known from files; no telemetry leaves the phone."),
    choice("system.telemetry.log_level", log_levels, "3", restart, ignored,
           "Known from files; no telemetry leaves the phone."),
};

}  // namespace

std::span<const Option> option_table() { return table; }

}  // namespace sidetone::config
