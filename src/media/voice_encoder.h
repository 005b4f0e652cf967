// 48 kHz frames in, payloads of `ptime` out, for every codec that we can send.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "codec/media_plan.h"
#include "media/audio_stream.h"

namespace sidetone::media {

class VoiceEncoder {
 public:
  struct Abilities {
    std::shared_ptr<const G729Module> g729;  // may be null
    int vad_level = 1;                       // 0 to 3
    int opus_complexity = 9;                 // 0 to 10
  };
  // Nothing for a codec that we do not encode. The packet time is rounded to what the codec can do.
  // Allocates; not for the tick.
  static std::unique_ptr<VoiceEncoder> create(const codec::MediaPlan& plan, const Abilities& abilities);
  ~VoiceEncoder();

  struct Payload {
    std::span<const std::uint8_t> bytes;  // until the next call
    std::uint32_t timestamp = 0;          // of its first sample
    std::uint8_t payload_type = 0;        // the format's, or that of comfort noise
    bool talkspurt_begins = false;        // speech after a silence that was not sent
  };
  // `timestamp`: RTP time of this frame. A payload when a packet is full.
  std::optional<Payload> encode(const Frame& said, std::uint32_t timestamp);
  void reset();  // forgets a packet that is half full
  void expect_loss(double fraction);

 private:
  struct Impl;
  explicit VoiceEncoder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sidetone::media
