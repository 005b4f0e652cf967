#include "config/decision.h"

namespace sidetone::config {
namespace {

constexpr Decision all[] = {
    {"connectivity.server", "whether sip-proxy-address is optional as a whole or only its port",
     "both: without it the gateway's own host is the proxy"},
    {"policy.connector.enable_sessionid", "neither values nor meaning are given",
     "0 or 1; with 1 clients are kept apart by a cookie; absent means 1"},
    {"policy.connector.auto_restart", "neither values nor meaning are given",
     "0 or 1; with 1 the program starts afresh after a desktop has logged out; absent means 1"},
    {"policy.connector.certificate_search_value", "a thumbprint presumes the Windows store",
     "elsewhere the path of a PEM file with certificate and key"},
    {"policy.endpoint.ip_versions", "the list of values is garbled",
     "IPv4, IPv6, either order of both, or empty"},
    {"policy.endpoint.public_address", "what more than one matching adapter means",
     "the first in the system's order"},
    {"policy.endpoint.rtp_inactivity_timeout", "what happens at its end, and what 0 means",
     "BYE with Reason SIP;cause=503, as observed; RTCP counts as life, held calls do not end; 0 switches it "
     "off"},
    {"policy.endpoint.rtp_port_min", "documents ask for 9000 or more, installations have 8000",
     "1024 or more, with a warning below 9000"},
    {"policy.endpoint.tcp_port_min", "equal or one-sided values are not defined",
     "a range acts only with 0 < min < max; anything else leaves the port to the system"},
    {"policy.endpoint.sip_port_max", "installations have 5080, documents min + 6", "absent means min + 6"},
    {"policy.endpoint.vq_report_collector", "the format is on a page that is not there",
     "user@host[:port][;transport=udp|tcp|tls], as a SIP address without scheme"},
    {"policy.endpoint.webrtc_audio_layer", "1 and 2 name audio systems of Windows",
     "the units change nothing here; the thousands keep microphone and speaker open as documented"},
    {"policy.session.auto_answer", "no default is given", "0"},
    {"policy.session.auto_answer_delay", "1500 is documented, 0 was observed in files", "absent means 1500"},
    {"policy.session.auto_accept_video", "no default is given", "0"},
    {"policy.session.dtmf_method", "no default is given", "rfc2833"},
    {"policy.session.dtx_mode", "no default is given", "0"},
    {"policy.session.echo_control", "no default is given", "0, for headsets have no echo"},
    {"policy.session.noise_suppression", "no default is given", "0"},
    {"policy.session.vad_level", "no default is given", "1"},
    {"policy.session.reject_session_when_headset_na",
     "one part speaks of a USB headset, the rules of a listed headset_name device", "a listed device counts"},
    {"policy.session.restart_audio_if_stuck", "0 is documented, 1 was observed in files", "absent means 0"},
    {"policy.session.ringback_enabled", "there is no value 5; 2 is documented, 0 was observed in files",
     "5 is an error; absent means 2"},
    {"policy.session.ringback_file", "it is said to depend on ringing_enabled",
     "it depends on ringback_enabled"},
    {"policy.session.ringing_enabled",
     "which file the separate device plays, and whether ringer_device is for 5, too",
     "ringing_file of this section; ringer_device is for 4 and 5"},
    {"policy.session.sip_code_when_busy", "what an empty value means while calls are refused", "486"},
    {"policy.device.use_headset", "no default is given", "0"},
    {"proxies.proxyN.reg_timeout", "no default is given", "1800; 0 or empty registers nothing"},
    {"proxies.proxyN.nat.ice_enabled", "no default is given", "0"},
    {"proxies.proxyN.nat.turn_relay_type", "no default is given", "0 (UDP)"},
    {"system.diagnostics.log_options_provider", "the values are garbled",
     "class=level or class=(name,name), classes gsip, pjnt, rtpt, webrtc and gsept; SIP messages are shown "
     "from "
     "gsip=2 on"},
    {"system.diagnostics.log_options_endpoint", "0 to 4 in one place, 5 in another",
     "0 to 4, and 5 switches it off"},
    {"system.diagnostics.log_segment", "what a bare number counts", "KB"},
    {"system.diagnostics.log_expire", "what a bare number counts", "files"},
    {"system.security.certificate", "a thumbprint presumes the Windows store",
     "elsewhere the path of a PEM file with certificate and key"},
    {"system.security.tls-target-name-check", "no and none stand for the same",
     "both are taken; absent means host"},
    {"system.security.tls_enabled", "listed and said to be unused", "accepted with a note, changes nothing"},
    {"system.security.use_srtp", "no default is given; an example has a stray quote",
     "disabled; ,UEC or ,UNENCRYPTED_SRTCP behind the word"},
    {"system.media.ringing_file", "ringing.mp3 is the default, and MP3 cannot be played", "ringing.wav"},
};

}  // namespace

std::span<const Decision> decisions() { return all; }

}  // namespace sidetone::config
