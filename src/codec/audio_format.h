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
  std::string_view default_fmtp = {};  // what we say of it when nobody configured anything
};
[[nodiscard]] const CatalogueEntry& catalogue(AudioCodec codec);
// Any case of letters. telephone-event is found for each clock rate that a codec here has (RFC 4733 §2.4), CN
// for those of the codecs that it can stand in for (RFC 3389 §4).
[[nodiscard]] const CatalogueEntry* find_rtpmap(std::string_view name, int clock_hz);
[[nodiscard]] const CatalogueEntry* find_static(int payload_type);
// False for telephone-event and comfort noise, which only accompany a codec.
[[nodiscard]] bool is_speech(AudioCodec codec);
// Has no silence of its own, so that CN stands in for it (RFC 3389 §1). Opus and G.729 do it themselves.
[[nodiscard]] bool uses_comfort_noise(AudioCodec codec);

// One codec as configured or negotiated.
struct AudioFormat {
  AudioCodec codec = AudioCodec::pcmu;
  std::uint8_t payload_type = 0;
  std::string fmtp;      // as in SDP, without the payload type; empty: none
  int rtp_clock_hz = 0;  // 0: the catalogue's; telephone-event has its codec's (RFC 4733 §2.4)
  friend bool operator==(const AudioFormat&, const AudioFormat&) = default;
};

[[nodiscard]] int rtp_clock_hz(const AudioFormat& format);

// The value of codecs.enabled.audio: "opus,pcmu,g729=(fmtp=\"annexb=yes\"),iSAC/16000=(pt=103)" in order of
// priority (grammar beside the code and in docs/configuration.md). Faults name the item. Blank: the default.
[[nodiscard]] Expected<std::vector<AudioFormat>> parse_enabled(std::string_view text);
[[nodiscard]] std::vector<AudioFormat> default_enabled();  // opus, G722, PCMU, PCMA

}  // namespace sidetone::codec
