// One call's audio, both ways, as an algorithm object: packets and 10 ms frames in, packets and 10 ms
// frames out, time injected. No socket, no thread: the media thread, the lab and the audio tests in virtual
// time all drive this same object. Everything in it is touched by one thread only.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "codec/media_plan.h"
#include "media/tick_figures.h"
#include "rtp/rtcp.h"
#include "rtp/voip_metrics.h"

namespace sidetone::media {

// 10 ms mono at 48 kHz: the one rate of mixer, devices and files inside.
inline constexpr int mix_rate_hz = 48000;
inline constexpr std::size_t frame_samples = 480;
using Frame = std::array<std::int16_t, frame_samples>;

class G729Module;

// How digits go in the media: as telephone-events (RFC 4733), or as tones in place of the speech.
enum class DigitWay : std::uint8_t { events, tones };

struct StreamSettings {
  std::uint32_t ssrc = 0;
  std::uint16_t first_sequence = 0;
  std::uint32_t first_timestamp = 0;
  std::string cname;
  std::shared_ptr<const G729Module> g729;  // none: G.729 is neither sent nor heard
  int vad_level = 1;                       // where silence is left out: 0 takes most for speech, 3 least
  bool level_received = false;             // rx_agc_mode
  // The jitter buffer holds back at least so much: more delay, fewer gaps where the network is known to be
  // bad.
  std::chrono::milliseconds jitter_delay_min{0};
  bool hears_tones = true;  // digits that come as tones are told
  int opus_complexity = 9;  // 0 to 10: what the encoder may cost
};

struct StreamStatistics {
  std::uint32_t local_ssrc = 0, remote_ssrc = 0;  // remote 0: nothing has come
  std::uint64_t packets_sent = 0, bytes_sent = 0, packets_received = 0, bytes_received = 0;
  std::int64_t packets_lost = 0;  // cumulative, RFC 3550 §6.4.1
  double fraction_lost = 0;       // last interval
  std::chrono::microseconds jitter{0};
  std::chrono::microseconds round_trip{0};  // 0: not known yet
  // Too late to be played; come before; made up for by redundancy.
  std::uint64_t packets_discarded = 0, packets_duplicated = 0, packets_repaired = 0;
  double loss_rate = 0, discard_rate = 0;     // 0..1 of the whole call, after repair (RFC 3611 §4.7.1)
  double burst_density = 0, gap_density = 0;  // §4.7.2
  std::chrono::microseconds burst_length{0}, gap_length{0};
  std::chrono::microseconds packet_time{0};  // of the peer's; 0: not known yet
  std::optional<std::chrono::microseconds> last_packet_ago;
  std::optional<rtp::SenderInfo> peer_sent;      // its last sender report
  std::optional<rtp::ReportBlock> peer_heard;    // its last report about us
  std::chrono::microseconds remote_jitter{0};    // of that one, in time
  std::optional<rtp::VoipMetrics> peer_metrics;  // its last extended report about us
  std::uint64_t frames_normal = 0, frames_concealed = 0, frames_noise = 0, frames_silent = 0;  // 10 ms each
  std::uint64_t frames_voice_said = 0, frames_voice_heard = 0;                                 // 10 ms each
  bool voice_said = false, voice_heard = false;                                                // now
  int signal_level = 127, noise_level = 127;                                                   // dBm0, heard
  std::chrono::microseconds buffer_delay{0}, buffer_target{0};  // means of the jitter buffer
  int buffer_maximum_ms = 0;
  std::chrono::microseconds end_system_delay{0};            // RFC 3611 §4.7.3
  double mos = 0, mos_interval = 0;                         // E-model, 0: nothing measured
  double mos_listening = 0, r_factor = 0, r_listening = 0;  // of the whole call, too
  codec::AudioFormat received_format;
  // When the first 10 ms were taken from the source and given to the sink; Time{}: not yet. Two streams of
  // one process compare them: mouth-to-ear delay.
  Time first_said{}, first_heard{};
  std::uint32_t foreign_packets = 0;  // from a source that is not the peer
  TickFigures ticks;                  // of the thread that drives the stream, since the call was opened
  // Of a secured stream: not the peer's or not whole, come before, come when their key was used up; never
  // heard.
  std::uint64_t srtp_forged = 0, srtp_replayed = 0, srtp_expired = 0;
};

struct StreamEvent {
  enum class Kind {
    first_rtp,
    dtmf,        // a telephone-event
    dtmf_tones,  // heard in the sound
    dtmf_sent,   // also for a comma

    rtcp_bye,
    source_changed,
    format_changed,
    audio_flows,   // audio comes: the first time, and again after audio_pauses
    audio_pauses,  // none has come for longer than a ring-back tone is silent
    inactive,      // nothing for as long as the plan's inactivity_max

    srtp_key_ages,     // the peer's key will be used up: another one is needed
    srtp_key_used_up,  // what is secured with it is not heard any more
  } kind;
  char digit = 0;
  std::chrono::milliseconds duration{0};
  Address remote;
};

struct OutgoingPacket {
  bool rtcp = false;
  Address to;
  std::uint16_t size = 0;
  std::array<std::uint8_t, 1500> bytes;
  [[nodiscard]] std::span<const std::uint8_t> view() const { return {bytes.data(), size}; }
};

// Where a peer's packets may come from: its last one, the signalled address, its RTCP.
struct PeerHosts {
  std::array<IpAddress, 3> ips;
  std::size_t count = 0;
  void add(const IpAddress& ip);
  [[nodiscard]] std::span<const IpAddress> view() const { return std::span(ips).first(count); }
  friend bool operator==(const PeerHosts&, const PeerHosts&) = default;
};

class AudioStream {
 public:
  explicit AudioStream(StreamSettings settings);
  ~AudioStream();

  void apply(const codec::MediaPlan& plan, Time now);
  [[nodiscard]] bool is_sending() const;   // by the plan: a source need not run otherwise
  [[nodiscard]] bool is_on_music() const;  // by the plan: what leaves is music, not what was said
  [[nodiscard]] bool is_receiving() const;
  // At most 40 digits wait; 0-9 * # A-D and ',' (pause). False: no room or not a digit or nothing negotiated.
  // A plan that does not send, or has no more events, ends what waits.
  bool send_dtmf(std::string_view digits, std::chrono::milliseconds tone, std::chrono::milliseconds gap,
                 DigitWay way = DigitWay::events);
  [[nodiscard]] char sounding_digit() const;  // of those that are sent; 0: none

  void receive(std::span<const std::uint8_t> packet, bool rtcp, const Address& from, Time now);

  // Every 10 ms, in this order: what shall be heard, then what was said.
  void playout(Frame& heard, Time now);
  void capture(const Frame& said, Time now);
  void on_time(Time now);  // RTCP is due by deadline()
  [[nodiscard]] Time deadline() const;

  // Packets that shall leave, valid until the next call of a non-const member.
  [[nodiscard]] std::span<const OutgoingPacket> outgoing() const;
  void clear_outgoing();
  std::optional<StreamEvent> poll_event();
  [[nodiscard]] StreamStatistics statistics() const;
  [[nodiscard]] PeerHosts peer_hosts() const;  // none before its first packet
  [[nodiscard]] Time peer_heard_at() const;    // its last RTP packet
  [[nodiscard]] std::uint32_t foreign_packets() const;
  [[nodiscard]] Time last_activity() const;  // RTP or RTCP (rtp_inactivity_timeout)
  void close(Time now);                      // RTCP BYE goes to outgoing()

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sidetone::media
