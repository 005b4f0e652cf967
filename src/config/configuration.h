// A configuration that was read: typed, complete (defaults filled in), and by dotted path.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/srtp.h"
#include "config/document.h"
#include "config/headset_pair.h"
#include "config/option.h"
#include "config/server.h"
#include "config/value.h"

namespace sidetone::config {

inline constexpr std::size_t lines_max = 6;  // Connectivity elements of one file

enum class MailboxTransport : std::uint8_t { udp, tcp, tls };

struct Mailbox {
  std::string user, server;  // user empty: none
  MailboxTransport transport = MailboxTransport::udp;
  std::chrono::seconds timeout{1800};
  Secret<std::string> password;
};

struct Nat {
  bool ice_enabled = false;
  std::string stun_server, turn_server;  // empty: none
  std::uint16_t stun_server_port = 3478, turn_server_port = 3478;
  bool turn_over_tcp = false;
  std::string turn_user_name;
  Secret<std::string> turn_password;
};

// One Connectivity element with its proxyN section, or with proxy0's when there is none.
struct Line {
  std::string user;
  Server server;
  LineTransport transport = LineTransport::udp;
  std::string display_name;
  std::string domain;  // empty: taken from the server
  Secret<std::string> password;
  std::chrono::seconds reg_timeout{1800};  // 0: no registration
  std::chrono::seconds reg_interval{0};    // 0: a failed registration does not start again by itself
  bool reg_match_received_rport = false;
  std::string http_proxy;
  Mailbox mailbox;
  Nat nat;
  std::size_t file_line = 0;
};

struct PortRange {
  std::uint16_t min = 0, max = 0;  // both 0: the system chooses
  friend bool operator==(const PortRange&, const PortRange&) = default;
};

struct EndpointOptions {
  std::string public_address;
  std::vector<IpAddress::Family> ip_versions;  // preferred first, never empty
  PortRange sip_ports, tcp_ports, rtp_ports;
  bool sip_port_binding = false;
  int signaling_qos = 0, audio_qos = 0, video_qos = 0;
  bool include_os_version = true, include_sdk_version = true, include_mac_address = false;
  bool refer_to_proxy = false;
  std::chrono::milliseconds sip_transaction_timeout{4000};
  std::chrono::seconds rtp_inactivity_timeout{150};  // 0: off
  std::chrono::milliseconds defer_device_release{200};
  bool answer_by_offer_order = false;
  int video_max_kbps = 0;
  std::string vq_report_collector;
  bool vq_report_publish = false;
  double vq_alarm_threshold = 0;
  int webrtc_audio_layer = 0;
  std::vector<std::string> gui_tabs;
  int gui_call_lines = 3;
};

enum class DtmfVia : std::uint8_t { rfc2833, info, inband_rtp };

struct SessionOptions {
  bool auto_answer = false;
  std::chrono::milliseconds auto_answer_delay{1500};
  bool auto_answer_when_asked = false;
  bool auto_accept_video = false;
  DtmfVia dtmf_method = DtmfVia::rfc2833;
  bool dtmf_feedback = true;
  bool reject_when_busy = false;
  int sessions_for_busy = 1, sip_code_when_busy = 486;
  bool reject_when_headset_na = false;
  int sip_code_when_headset_na = 480;
  int ringing_enabled = 1, ringback_enabled = 2;
  std::chrono::seconds ringing_timeout{0};  // 0: no limit
  std::string ringing_file, ringback_file, callwait_tone_file, system_ringing_file;
  bool ringing_while_call_held = true, callwait_tone_enabled = true;
  bool agc_mode = true, rx_agc_mode = false, echo_control = false, noise_suppression = false;
  bool dtx_mode = false, restart_audio_if_stuck = false;
  int vad_level = 1;
};

struct DeviceOptions {
  bool use_headset = false;
  // Patterns or names, best first; empty ones are left out.
  std::vector<std::string> audio_in, audio_out, ringer, camera, headset;
  std::vector<HeadsetPair> include_headset;
  std::string exclude_headset;
};

struct CodecOptions {
  std::string audio, video;  // the enabled lists, with what codec sections add written into them
};

struct ConnectorOptions {
  bool https = false;
  std::uint16_t port = 8000;
  std::string certificate_search_value, tls_versions;
  bool enable_sessionid = true, auto_restart = true;
};

struct DiagnosticsOptions {
  bool enable_logging = true;
  bool to_file = true;   // logger_type; else only stdout and stderr of log_file are written
  std::string log_file;  // targets separated by commas
  bool hide_dtmf = false;
  LogLevel log_level = LogLevel::info;
  std::optional<LogLevel> endpoint_level;  // nullopt: this part of the log is off
  std::vector<std::string> provider_options;
  LogSegment log_segment;
  LogExpire log_expire;
  bool utc = false;
  enum class TimeFormat : std::uint8_t { time, locale, iso8601 } time_format = TimeFormat::time;
};

struct SecurityOptions {
  std::string certificate;
  bool tls_target_name_check = true;
  SrtpPolicy use_srtp = SrtpPolicy::disabled;
  bool unencrypted_srtcp = false;
};

class Configuration {
 public:
  // Defaults only, no line.
  Configuration();

  std::vector<Line> lines;
  EndpointOptions endpoint;
  SessionOptions session;
  DeviceOptions device;
  CodecOptions codecs;
  ConnectorOptions connector;
  DiagnosticsOptions diagnostics;
  SecurityOptions security;

  // The text in force for a path ("policy.session.auto_answer", "proxies:proxy1:password", "user:0"): from
  // the file, else (proxyN) from proxy0, else the default. A secret that is set shows as "********".
  // Nothing: neither an option nor a setting of the file. Repeated settings are joined by " | ".
  [[nodiscard]] std::optional<std::string> get(std::string_view path) const;
  [[nodiscard]] bool is_set(std::string_view path) const;  // by the file itself
  // Paths of the secrets that are set in that file.
  [[nodiscard]] std::vector<std::string> secrets_of(std::string_view file) const;
  [[nodiscard]] bool has_section(std::string_view path) const;  // or one below it
  // Paths of what is written differently in the two, in order. A default that is written down is a
  // difference, too.
  [[nodiscard]] std::vector<std::string> differences(const Configuration& other) const;
  // Where the text in force comes from: "Softphone.config:12", "environment variable X", "default".
  [[nodiscard]] std::string origin(std::string_view path) const;
  // Settings of the file that no option is called; they change nothing and are kept for writing back.
  [[nodiscard]] std::vector<std::string> unknown_settings() const;

 private:
  friend class Builder;
  friend class Dump;

  struct Entry {
    Value value;
    Secret<std::string> text;  // as written; a Secret, since any unknown setting may hold one
    bool secret = false;
    std::string origin;
  };
  [[nodiscard]] const std::vector<Entry>* find(const std::string& canonical) const;
  [[nodiscard]] std::string section_in_force(std::string path) const;

  std::map<std::string, std::vector<Entry>, std::less<>> entries_;
  std::set<std::string> sections_;
  std::set<std::string> unknown_;
};

}  // namespace sidetone::config
