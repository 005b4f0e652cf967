/// @file statistics.h
/// The figures of one call's audio, in the groups of the Genesys SIP Endpoint SDK's call statistics. A group
/// that is not there yet is empty: there is no report of the peer, nothing was received, no codec is known.
///
/// @code
/// if (const auto statistics = endpoint.statistics(call)) {
///   std::cout << "MOS " << statistics->mos.whole << "\n";
///   if (const auto& peer = statistics->remote_receiver)
///     std::cout << "the far end lost " << 100 * peer->fraction_lost << " % of what we sent\n";
/// }
/// @endcode
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace sidetone {

/// Voice quality of one call in brief, from RTP and RTCP (RFC 3550 §6.4, ITU-T G.107 for MOS).
struct CallQuality {
  std::uint64_t packets_sent = 0, packets_received = 0;
  std::int64_t packets_lost = 0;              ///< cumulative, of what we should have received
  std::chrono::microseconds jitter{0};        ///< interarrival jitter
  std::chrono::microseconds round_trip{0};    ///< 0: unknown
  std::chrono::microseconds buffer_delay{0};  ///< mean time in the jitter buffer
  std::uint64_t srtp_discarded = 0;  ///< secured media that were forged, replayed or beyond their key's time
  double mos = 0;                    ///< 1.0 to 4.5 for the whole call; 0: nothing heard yet
  double mos_interval = 0;           ///< the same for the last five seconds; 0: nothing was expected in them
  friend bool operator==(const CallQuality&, const CallQuality&) = default;
};

/// What we sent and what we received (RFC 3550 §6.4.1; its own counting of loss has no regard to repair).
struct LocalStatistics {
  std::uint64_t packets_sent = 0, bytes_sent = 0;  ///< bytes of payload
  std::uint64_t packets_received = 0, bytes_received = 0;
  double fraction_lost = 0;              ///< 0 to 1, between our last two RTCP reports
  std::int64_t packets_lost = 0;         ///< cumulative; duplicates make it smaller
  std::chrono::microseconds jitter{0};   ///< interarrival jitter
  std::uint64_t packets_discarded = 0;   ///< came too late to be played
  std::uint64_t packets_duplicated = 0;  ///< came twice, played once
  std::uint64_t packets_repaired = 0;    ///< lost, but played from redundancy (RFC 2198)
  std::uint64_t packets_foreign = 0;     ///< of somebody who is not the peer, or not readable
  std::uint64_t srtp_discarded = 0;      ///< forged, replayed, or beyond their key's time
  friend bool operator==(const LocalStatistics&, const LocalStatistics&) = default;
};

/// The peer's last sender report.
struct RemoteSender {
  std::uint64_t packets = 0, bytes = 0;
  friend bool operator==(const RemoteSender&, const RemoteSender&) = default;
};

/// The peer's last report about what it receives from us.
struct RemoteReceiver {
  double fraction_lost = 0;  ///< 0 to 1, between its last two reports
  std::int64_t packets_lost = 0;
  std::chrono::microseconds jitter{0};
  std::chrono::microseconds round_trip{0};  ///< 0: not known yet
  friend bool operator==(const RemoteReceiver&, const RemoteReceiver&) = default;
};

/// What the jitter buffer (NetEQ) did.
struct JitterBufferStatistics {
  std::uint64_t packets_received = 0;
  std::chrono::milliseconds last_packet_ago{0};  ///< since a packet came last
  /// 10 ms each: decoded, made up for a missing packet (PLC), comfort noise (CNG), silence.
  std::uint64_t frames_normal = 0, frames_concealed = 0, frames_noise = 0, frames_silent = 0;
  std::chrono::microseconds delay{0}, target{0};  ///< means: what packets wait, and should wait
  friend bool operator==(const JitterBufferStatistics&, const JitterBufferStatistics&) = default;
};

/// Mean opinion scores by the E-model of ITU-T G.107: 1.0 to 4.5, 0 where nothing was measured.
struct MosStatistics {
  double whole = 0;      ///< conversational quality (delay counts), the whole call
  double interval = 0;   ///< the same, the last five seconds
  double listening = 0;  ///< delay does not count, the whole call
  double r_factor = 0;   ///< R behind `whole`, 0 to 93.2
  friend bool operator==(const MosStatistics&, const MosStatistics&) = default;
};

/// Loss as RFC 3611 §4.7 sees it, over the whole call: bursts are where it is heard.
struct LossStatistics {
  double loss_rate = 0, discard_rate = 0;                    ///< 0 to 1 of the packets expected, after repair
  double burst_density = 0, gap_density = 0;                 ///< 0 to 1 of the packets within, Gmin 16
  std::chrono::milliseconds burst_length{0}, gap_length{0};  ///< means
  friend bool operator==(const LossStatistics&, const LossStatistics&) = default;
};

/// The codec of what we hear.
struct CodecStatistics {
  std::uint8_t payload_type = 0;
  std::string name;  ///< "opus/48000"
  friend bool operator==(const CodecStatistics&, const CodecStatistics&) = default;
};

/// Who speaks: voice activity each way.
struct VoiceStatistics {
  bool out_known = false, in_known = false;                   ///< which of the two are measured
  std::uint64_t frames_active_out = 0, frames_active_in = 0;  ///< 10 ms each
  bool active_out = false, active_in = false;                 ///< now
  std::optional<int> signal_level, noise_level;               ///< dBm0 of what we hear
  friend bool operator==(const VoiceStatistics&, const VoiceStatistics&) = default;
};

/// The peer's last extended report (RTCP XR, RFC 3611 §4.7): how it hears us.
struct ExtendedReport {
  LossStatistics loss;
  std::chrono::milliseconds round_trip{0}, end_system{0};  ///< 0: not told
  std::optional<double> r_factor, mos_listening, mos_conversation;
  friend bool operator==(const ExtendedReport&, const ExtendedReport&) = default;
};

/// How well this machine kept the time of the call: what is heard as a gap though the network brought all.
struct TimingStatistics {
  std::uint64_t ticks = 0;          ///< of 10 ms
  std::uint64_t late_ticks = 0;     ///< begun more than 10 ms after they were due
  std::uint64_t skipped_ticks = 0;  ///< never made up for: the machine stood still for 100 ms or more
  std::chrono::microseconds latest_tick{0};  ///< the worst since the first call of this phone
  std::uint64_t device_underruns = 0;        ///< times that the sound device asked for more than there was
  friend bool operator==(const TimingStatistics&, const TimingStatistics&) = default;
};

struct CallStatistics {
  std::optional<LocalStatistics> local;
  std::optional<RemoteSender> remote_sender;
  std::optional<RemoteReceiver> remote_receiver;
  std::optional<JitterBufferStatistics> jitter_buffer;
  std::optional<CodecStatistics> codec;
  std::optional<VoiceStatistics> voice;
  std::optional<LossStatistics> loss;
  std::optional<ExtendedReport> extended_report;
  std::optional<TimingStatistics> timing;
  MosStatistics mos;
  friend bool operator==(const CallStatistics&, const CallStatistics&) = default;
};

}  // namespace sidetone
