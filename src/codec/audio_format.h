// The audio codecs that we know and what a call may use of them. Pure: no encoder in sight.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"

namespace sidetone::codec {

enum class AudioCodec : std::uint8_t {
  pcmu,
  pcma,
  g722,
  opus,
  ilbc,
  isac16,
  isac32,
  g729,
  telephone_event,
  comfort_noise
};

struct CatalogueEntry {
  AudioCodec codec;
  std::string_view name;         // as in rtpmap: "PCMU", "G722", "opus"
  int rtp_clock_hz;              // in rtpmap and RTP timestamps: G722 8000 (RFC 3551 §4.5.2), opus 48000
  int sample_rate_hz;            // what the codec hears: G722 16000
  int rtpmap_channels;           // opus/48000/2 always (RFC 7587 §7)
  int static_payload_type;       // -1: dynamic
  int default_payload_type;      // what we offer for dynamic ones
  std::string_view config_name;  // as in the configuration's `enabled`: "G722/16000"
};
[[nodiscard]] const CatalogueEntry& catalogue(AudioCodec codec);
[[nodiscard]] const CatalogueEntry* find_rtpmap(std::string_view name, int clock_hz);
[[nodiscard]] const CatalogueEntry* find_static(int payload_type);

// One codec as configured or negotiated.
struct AudioFormat {
  AudioCodec codec = AudioCodec::pcmu;
  std::uint8_t payload_type = 0;
  std::string fmtp;  // as in SDP, without the payload type; empty: none
  friend bool operator==(const AudioFormat&, const AudioFormat&) = default;
};

// The value of codecs.enabled.audio: "opus,pcmu,g729=(fmtp=\"annexb=yes\"),iSAC/16000=(pt=103)" in order of
// priority (sdk-facts of the vendor's documents; grammar in docs/configuration.md). Faults name the item.
[[nodiscard]] Expected<std::vector<AudioFormat>> parse_enabled(std::string_view text);

}  // namespace sidetone::codec
