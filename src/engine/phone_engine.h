// One running phone: the endpoint core on a SipHost and a MediaThread. It lives on the thread that runs `io`;
// others post to it. The SDK's Endpoint, the headless program and the lab's media server are all this.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "endpoint/endpoint_core.h"
#include "engine/log/event_records.h"
#include "engine/sip_host.h"
#include "engine/suspend_watch.h"
#include "engine/tone_files.h"
#include "media/device/device_watch.h"
#include "media/device/hidraw_headset.h"
#include "media/frame_tap.h"
#include "media/media_thread.h"
#include "net/interface_watch.h"
#include "net/public_address.h"
#include "rtp/vq_report.h"

namespace sidetone::engine {

// Where one call's sound comes from and goes to.
struct MediaChoice {
  media::Source source = media::FromMicrophone{};
  media::Sink sink = media::ToSpeaker{};
  std::uint32_t room = 0;  // whose calls hear each other, for a media server; 0: none
};

struct PhoneSettings {
  endpoint::CoreSettings core;  // start() fills in the sockets and media addresses of its lines
  std::string public_address;   // the option's text
  // Interfaces and addresses, when somebody else tells them, and their changes by network_changed(); empty:
  // as the kernel has them, which is watched.
  std::optional<net::NetworkFacts> network;
  std::vector<IpAddress::Family> ip_versions;              // preferred first; empty: IPv4, IPv6
  bool sip_port_binding = true;                            // false: SIP listens on all interfaces
  std::uint16_t tcp_port_min = 0, tcp_port_max = 0;        // of outgoing connections; 0: the system's choice
  std::uint16_t sip_port_min = 5060, sip_port_max = 5066;  // 0: any
  std::uint16_t rtp_port_min = 9000, rtp_port_max = 9999;
  int signaling_dscp = 0, audio_dscp = 0;
  bool include_mac_address = false;  // registrations tell the interface they come from
  net::TlsSettings tls;              // of all TLS lines
  std::optional<Duration> transaction_timeout;
  net::DnsSettings dns;
  sip::GuardSettings guard;  // who is listened to besides the lines' servers
  std::string user_agent = "Sidetone";
  std::shared_ptr<const media::G729Module> g729;  // where it is among the codecs
  int vad_level = 1;
  std::string hold_music_file;
  bool level_received = false;        // rx_agc_mode
  bool without_media = false;         // descriptions name ports that nobody opens: for loads of signalling
  std::vector<std::string> warnings;  // what is wrong with the settings and not fatal: for the log
  bool restart_audio_if_stuck = false;
  ToneFileSettings tone_files;
  bool log_hides_digits = false;                                        // log_filter=dtmf
  std::function<MediaChoice(const endpoint::OpenMedia&)> choose_media;  // empty: microphone and speaker
};

class PhoneEngine {
 public:
  // `on_event` is called on the io thread.
  PhoneEngine(boost::asio::io_context& io, PhoneSettings settings, const SteadyTime& clock, Random& random,
              LogSink& log, std::function<void(Event)> on_event);
  ~PhoneEngine();
  PhoneEngine(const PhoneEngine&) = delete;
  PhoneEngine& operator=(const PhoneEngine&) = delete;

  Expected<void> start();  // before io runs, or on its thread
  // On the thread that runs io, after start(). All or nothing: an error changes nothing. Calls go on.
  Expected<void> reconfigure(PhoneSettings next);
  // On that thread, too: lines and calls follow.
  void network_changed(net::NetworkFacts facts);
  void on_thread(std::function<void()> work);                       // any thread: runs it there
  void post(Command command);                                       // any thread
  void set_tap(CallId call, std::shared_ptr<media::FrameTap> tap);  // any thread
  [[nodiscard]] Snapshot snapshot() const;  // any thread: the state after the last drain
  // Where a line listens. After start().
  [[nodiscard]] Address local_address(std::size_t line) const { return line_addresses_.at(line); }
  [[nodiscard]] media::StreamStatistics statistics(CallId call) const;  // any thread

 private:
  static media::MediaId media_id(CallId call) { return media::MediaId{call.value}; }
  void tell_warnings();
  void log(LogRecord record);
  void log_devices(const device::DeviceList& devices);
  void check_tones();
  Expected<Address> prepare(endpoint::CoreLine& line);  // where it listens
  void name_instances(PhoneSettings& settings) const;
  Expected<Address> prepare_again(std::size_t index, endpoint::CoreLine& line);
  void keep_what_started(PhoneSettings& next) const;
  Expected<void> prepare_tls(endpoint::CoreLine& line, const Address& plain);
  Expected<SipHost::BoundPair> sockets_for(const IpAddress& ip);
  void on_sip_event(sip::Event&& event, Time now);
  void resumed(Duration slept);
  void close_unused_sockets();
  void move_line(LineId line, const IpAddress& ip, Time now);
  void move_former_calls(Time now);
  void drain(Time now);
  void pretend(const endpoint::MediaOrder& order, Time now);
  void carry_out(const endpoint::OpenMedia& order, Time now);
  void carry_out(const endpoint::MoveMedia& order, Time now);
  void carry_out(const endpoint::ApplyPlan& order, Time now);
  void carry_out(const endpoint::SetMuted& order, Time now);
  void carry_out(const endpoint::Confer& order, Time now);
  void carry_out(const endpoint::Record& order, Time now);
  void carry_out(const endpoint::PlayFile& order, Time now);
  void carry_out(const endpoint::SendDigits& order, Time now);
  void carry_out(const endpoint::SoundDigit& order, Time now);
  void carry_out(const endpoint::Beep& order, Time now);
  void carry_out(const endpoint::CloseMedia& order, Time now);
  void carry_out(const endpoint::PlayTone& order, Time now);
  void carry_out(const endpoint::UseRingerVolume& order, Time now);
  void carry_out(const endpoint::UseDevices& order, Time now);
  void carry_out(const endpoint::ProcessVoice& order, Time now);
  media::MediaThread& media();
  void watch_devices();
  void take_media_events();
  void take(const media::MediaEvent& event);
  void watch_quality();
  void look_at_quality(const CallSnapshot& call, Time now);
  void report_quality(CallId call, const media::StreamStatistics& stream, rtp::VqReport::Kind kind,
                      bool alarm_on, Time now);

  boost::asio::io_context& io_;
  PhoneSettings settings_;
  Random& random_;
  LogSink& log_;
  EventRecords event_records_;
  std::optional<device::DeviceList> logged_devices_;
  std::function<void(Event)> on_event_;
  sip::Stack stack_;
  SipHost host_;
  std::unique_ptr<endpoint::EndpointCore> core_;
  std::unique_ptr<media::MediaThread> media_;  // from the first call or open device on
  device::VoiceSettings voice_;
  std::chrono::milliseconds device_latency_ = device::DeviceList{}.latency;
  std::unique_ptr<media::DeviceWatch> device_watch_;
  std::unique_ptr<media::HidrawHeadset> headset_;
  boost::asio::steady_timer quality_timer_;
  bool quality_watched_ = false;
  unsigned quality_rounds_ = 0;
  std::string cname_;  // RFC 7022 §4.2: random for each run, the host part by address
  net::NetworkFacts facts_;
  net::PublicAddress public_;
  std::unique_ptr<net::InterfaceWatch> interface_watch_;
  std::unique_ptr<SuspendWatch> suspend_watch_;
  std::vector<std::pair<IpAddress, SipHost::BoundPair>> sockets_;
  std::vector<Address> line_addresses_;
  sip::TlsProfileId tls_profile_;
  std::vector<IpAddress> tls_listeners_;
  mutable std::mutex snapshot_mutex_;
  Snapshot snapshot_;
  const media::MediaThread* asked_ = nullptr;              // media_, for other threads
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // what was posted checks it
};

}  // namespace sidetone::engine
