// What the figures of one stream say about how it sounds: the E-model's inputs from what we know of our own
// receiving, and the extended report (RFC 3611 §4.7) that tells the peer.
#pragma once

#include "codec/audio_format.h"
#include "media/audio_stream.h"
#include "rtp/loss_bursts.h"
#include "rtp/mos.h"
#include "rtp/voip_metrics.h"

namespace sidetone::media {

[[nodiscard]] rtp::CodecImpairment impairment_of(codec::AudioCodec codec);

struct HeardStream {
  codec::AudioCodec codec = codec::AudioCodec::pcmu;
  rtp::LossBursts losses;
  std::chrono::microseconds packet_time{0};               // of the peer's packets
  std::chrono::microseconds round_trip{0};                // 0: not known yet
  std::chrono::microseconds buffer{0}, buffer_target{0};  // means
  std::chrono::microseconds collecting{0};                // of what we send: its packet time
  int signal_level = 127, noise_level = 127;              // dBm0, 127: not known

  [[nodiscard]] std::chrono::microseconds end_system() const { return collecting + buffer; }  // §4.7.3
  // Mouth to ear, for a peer that takes as long to make its packets as we do.
  [[nodiscard]] std::chrono::microseconds one_way() const { return round_trip / 2 + end_system(); }
};

// R of the whole stream, with delay (conversation) and without (listening). 0 when nothing was expected.
[[nodiscard]] double conversation_rating(const HeardStream& heard);
[[nodiscard]] double listening_rating(const HeardStream& heard);

[[nodiscard]] rtp::VoipMetrics voip_metrics(const HeardStream& heard, std::uint32_t ssrc);

// Loss, delay and quality.
void fill(const HeardStream& heard, StreamStatistics& statistics);

}  // namespace sidetone::media
