/// @file endpoint.h
/// The SDK's front door: one endpoint with its lines, calls and devices.
///
/// @code
/// #include <sidetone/endpoint.h>
/// #include <iostream>
///
/// int main() {
///   sidetone::EndpointSettings settings;
///   settings.lines.push_back({.user = "7001", .server = "127.0.0.1:5060", .protocol = "udp"});
///   sidetone::Endpoint endpoint(std::move(settings));
///   if (auto problem = endpoint.start()) {
///     std::cerr << problem->text << "\n" << problem->remedy << "\n";
///     return 1;
///   }
///   endpoint.post(sidetone::Dial{.target = "7101"});
///   while (auto event = endpoint.wait_event(std::chrono::seconds(10)))
///     if (std::holds_alternative<sidetone::CallEnded>(*event)) endpoint.post(sidetone::Stop{});
///     else if (std::holds_alternative<sidetone::Stopped>(*event)) break;
/// }
/// @endcode
///
/// Threading: every member may be called from any thread. Events are queued and taken out by whoever calls
/// poll_event() or wait_event(); no user code runs on the engine's threads, but for the `wake` function,
/// which must only signal.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sidetone/audio_tap.h"
#include "sidetone/commands.h"
#include "sidetone/events.h"
#include "sidetone/export.h"
#include "sidetone/logger.h"
#include "sidetone/snapshot.h"

namespace sidetone {

/// One Connectivity element with what its proxyN section adds.
struct LineSettings {
  std::string user;              ///< DN, user part of the address of record
  std::string server;            ///< "host:port"; a name without port is looked up as SRV record
  std::string protocol = "udp";  ///< "udp", "tcp" or "tls"; empty: what the server's NAPTR records say
  std::string password;          ///< digest secret; never logged
  std::string display_name;
  std::chrono::seconds register_expires{1800};  ///< proxyN.reg_timeout; 0: no registration
  std::chrono::seconds register_retry{10};      ///< proxyN.reg_interval
};

/// Where sound comes from and goes to.
struct AudioSettings {
  enum class Kind {
    system,  ///< the sound server's devices (cubeb)
    none,    ///< no hardware: an exact 10 ms clock, silence unless files are given
  } kind = Kind::system;
  std::string input_file;       ///< WAV that is spoken instead of the microphone, in a loop
  std::string output_file;      ///< WAV that receives what would be heard
  std::string hold_music_file;  ///< WAV that a caller hears whom we hold; empty: silence
};

/// Certificates of the lines with protocol "tls". All files are PEM.
struct TlsOptions {
  std::string ca_file;            ///< authorities to trust beside the system's
  std::string certificate_file;   ///< our own: for servers that ask for one, and for incoming connections
  std::string key_file;           ///< its key; empty: in certificate_file, too
  std::string key_passphrase;     ///< never logged
  bool check_server_name = true;  ///< tls-target-name-check: the certificate must be for the line's server
};

struct EndpointSettings {
  std::vector<LineSettings> lines;  ///< 1 to 6
  AudioSettings audio;
  TlsOptions tls;
  std::string config_file;           ///< a Softphone.config; its Connectivity lines come after `lines`
  bool watch_config_file = false;    ///< read it again when it changes, see reload()
  std::vector<OptionValue> options;  ///< win over the file, and over the other members here
  /// Our own address, in any form of the option: IP, name, $auto, $ipv4, $ipv6, $host, $fqdn, $<adapter>,
  /// $net:<CIDR>. Empty: $auto, and per line the address from which its server is reached.
  std::string public_address;
  std::string ip_versions;       ///< "IPv4", "IPv6", "IPv6,IPv4"; empty: "IPv4,IPv6"
  bool sip_port_binding = true;  ///< listen for SIP on public_address only; false: on all interfaces
  std::uint16_t tcp_port_min = 0, tcp_port_max = 0;  ///< source ports of connections; 0: the system's choice
  int signaling_qos = 0;                             ///< DSCP of SIP packets, 0 to 63
  std::uint16_t sip_port_min = 5060, sip_port_max = 5066;
  /// Each call takes an even port and the next (RFC 3550 §11); one that finds none is refused.
  std::uint16_t rtp_port_min = 9000, rtp_port_max = 9999;
  int audio_qos = 0;  ///< DSCP of RTP and RTCP packets, 0 to 63
  /// A call ends when neither RTP nor RTCP has come for so long (BYE with Reason 503); held calls do not. 0:
  /// never.
  std::chrono::seconds rtp_inactivity_timeout{150};
  bool level_received_audio = false;     ///< rx_agc_mode: all callers are about equally loud
  double vq_alarm_threshold = 0;         ///< MOS below which QualityAlarm is raised; 0: never
  std::vector<std::string> dns_servers;  ///< "address[:port]"; empty: those of the system
  std::string codecs;                    ///< codecs.enabled.audio; empty: "opus,G722,pcmu,pcma"
  /// system.security.use_srtp: "disabled", "optional" (takes secured calls), "elective" (offers and takes
  /// both), "enabled" (offers secured, takes both), "force"; each may end in ",UNENCRYPTED_SRTCP". Empty: the
  /// file's.
  std::string use_srtp;
  bool answer_by_offer_order = false;   ///< answer_sdp_priority=offer
  std::optional<int> ringing_enabled;   ///< 0 to 7: where incoming calls ring; none: the file's, else 1
  std::optional<int> ringback_enabled;  ///< 0, 1, 2, 3, 4 or 6: what a caller hears; none: the file's, else 2
  int ringer_volume = 100;              ///< percent, of ringtones only; SetRingerVolume changes it
  std::optional<DtmfMethod> dtmf_method;  ///< how digits are sent; none: the file's, else rfc2833
  bool auto_answer = false;
  std::chrono::milliseconds auto_answer_delay{1500};
  /// Whose calls and requests are taken besides those of the lines' servers: addresses, networks such as
  /// "10.1.0.0/16", or "any" (phones that call each other without a server). Empty, the default, is safe:
  /// everybody else is refused with 403.
  std::vector<std::string> trusted_peers;
  /// Targets separated by commas: paths (~ is the home folder), "stdout", "stderr". Wins over the file's
  /// log_file and enable_logging. Empty: the file's, and without a file no log. A path given here is one
  /// file, appended to, unless log_segment says otherwise; start() fails when it cannot be written. Later
  /// troubles (a full disk) are told as Warning events and disturb nothing.
  std::string log_file;
  bool log_debug = false;          ///< everything, whatever the levels say
  std::optional<int> log_level;    ///< 0 fatal to 4 debug, of all parts; none: the file's options, else 3
  std::string log_segment;         ///< as the option: "10 MB", "24 hr", "false"; empty: see log_file
  std::string log_expire;          ///< as the option: "10 file", "7 day", "false"; empty: the file's, else 10
  std::string log_time_convert;    ///< "local" or "utc"; empty: the file's, else local
  std::string log_time_format;     ///< "time", "locale" or "ISO8601"; empty: the file's, else time
  std::shared_ptr<Logger> logger;  ///< gets every line, too; enables the log when there is no log_file
  bool log_hides_digits = false;   ///< DTMF digits are shown as x; log_filter=dtmf of the file does the same
  bool log_hides_numbers = false;  ///< of numbers and user names in SIP messages only the last two characters
};

class SIDETONE_API Endpoint {
 public:
  explicit Endpoint(EndpointSettings settings);
  ~Endpoint();  ///< stops in an orderly way, waits at most 2 s for the network
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  /// Binds ports and starts the signalling thread. A Problem tells what is in the way and what to do.
  [[nodiscard]] std::optional<Problem> start();
  void post(Command command);
  [[nodiscard]] std::optional<Event> poll_event();
  /// Waits up to `timeout` for the next event.
  [[nodiscard]] std::optional<Event> wait_event(std::chrono::milliseconds timeout);
  /// `wake` is called (on an engine thread) after events were queued on an empty queue.
  void set_wake(std::function<void()> wake);
  /// Reads the configuration file again; what has changed acts as its option says, and no call ends. All or
  /// nothing. The outcome comes as ConfigurationChanged or CommandFailed{"reload"}.
  void reload();
  /// Options for as long as the process lives; they win over the file. All or none of them. The outcome comes
  /// as ConfigurationChanged or CommandFailed{"set_options"}.
  void set_options(std::vector<OptionValue> options);
  /// The text in force of an option; of a secret that is set "********". Nothing: there is no such option.
  [[nodiscard]] std::optional<std::string> option(std::string_view path) const;
  [[nodiscard]] Snapshot snapshot() const;
  /// The last hundred calls that are over, the oldest first. Gone when the process ends.
  [[nodiscard]] std::vector<CallRecord> history() const;
  /// The sound of a call, both ways, from now until it ends or the tap is destroyed. One tap for a call: a
  /// later one takes the place of the former.
  [[nodiscard]] std::shared_ptr<AudioTap> tap(CallId call);
  /// The figures of a call that has media, at most half a second old; nothing for any other. The last ones
  /// come with CallEnded.
  [[nodiscard]] std::optional<CallStatistics> statistics(CallId call) const;

  /// Writes a line of the application's own into the log: what an agent desktop asked for, say. `level` is 0
  /// (fatal) to 4 (debug); log_level and log_options_endpoint apply. Secrets in SIP messages, URIs and JSON
  /// are starred, digits by log_filter; control characters are escaped.
  void log(int level, std::string text);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sidetone
