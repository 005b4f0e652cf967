// What an EndpointCore needs to know: the configuration's values after reading, as plain data.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/secret.h"
#include "codec/audio_format.h"
#include "device/device_settings.h"
#include "device/device_use.h"
#include "device/voice_settings.h"
#include "endpoint/srtp_settings.h"
#include "endpoint/tone_settings.h"
#include "sidetone/types.h"
#include "sip/transport/flow.h"

namespace sidetone::endpoint {

struct CoreLine {
  std::string user;  // DN
  std::string server_host;
  std::uint16_t server_port = 5060;  // 0: the host is a name whose SRV records say (RFC 3263 §4.2)
  std::string domain;                // of the address of record: host[:port][;parameters]; empty: the server
  sip::Transport transport = sip::Transport::udp;
  bool any_transport = false;  // the server's NAPTR records choose it (RFC 3263 §4.1)
  sip::SocketId socket;        // UDP lines
  sip::TlsProfileId tls_profile;
  IpAddress media_ip;  // what our descriptions announce on this line
  std::string display_name;
  Secret<std::string> password;
  std::chrono::seconds register_expires{1800};  // 0: the line is used without registration
  std::chrono::seconds register_retry{10};
  bool contact_as_seen = false;  // reg_match_received_rport
  std::string instance_urn;      // of its registrations (RFC 5626 §4.1); empty: none
};

// policy.device and what belongs to it.
struct CoreDevices {
  device::DeviceSettings policy;
  device::UseSettings use;
  device::VoiceSettings voice;
  int headset_na_status = 480;  // sip_code_when_headset_na
};

// vq_report_collector. Reports go to it directly.
struct ReportCollector {
  std::string uri;  // "sip:collector@192.0.2.9:5060"
  std::string host;
  std::uint16_t port = 5060;
  sip::Transport transport = sip::Transport::udp;
};

struct CoreSettings {
  std::vector<CoreLine> lines;
  std::vector<codec::AudioFormat> codecs;
  bool answer_by_offer_order = false;
  bool leave_out_silence = false;  // dtx_mode
  bool hold_music = false;         // whom we hold hears some
  std::chrono::milliseconds ptime{20};
  bool auto_answer = false;
  std::chrono::milliseconds auto_answer_delay{1500};
  bool auto_answer_when_asked = false;  // by the server: answer-after in Call-Info or Alert-Info
  bool refer_to_proxy = false;          // a referred call goes by the line's server, else to its URI
  bool reject_when_busy = false;
  std::size_t busy_sessions = 1;  // number_sessions_for_busy
  int busy_status = 486;
  std::optional<CoreDevices> devices;  // none: no hardware is used, and none is missed
  ToneSettings tones;
  int ringer_volume = 100;  // percent
  DtmfMethod dtmf_method = DtmfMethod::rfc2833;
  SrtpSettings srtp;
  std::chrono::seconds rtp_inactivity_timeout{150};  // 0: never
  double vq_alarm_threshold = 0;                     // 0: never
  bool extended_reports = false;                     // vq_report_publish: the peer is asked for its view, too
  std::optional<ReportCollector> report_collector;   // who is sent the reports
  std::chrono::milliseconds dtmf_tone{100}, dtmf_gap{60};
  bool calls_are_apart =
      false;  // each has a user of its own (a media server, a load): none is held for another
  // Bound: each call holds a pair of ports and a jitter buffer; an agent has a handful, the lab some hundred.
  std::size_t calls_max = 500;
};

}  // namespace sidetone::endpoint
