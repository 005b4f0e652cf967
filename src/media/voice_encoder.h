// 48 kHz frames in, payloads of `ptime` out, for every codec that we can send.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "codec/audio_format.h"
#include "media/audio_stream.h"

namespace sidetone::media {

class VoiceEncoder {
 public:
  // Nothing for a codec that we do not encode. `ptime` is rounded to what the codec can do. Allocates; not
  // for the tick.
  static std::unique_ptr<VoiceEncoder> create(const codec::AudioFormat& format,
                                              std::chrono::milliseconds ptime,
                                              const std::shared_ptr<const G729Module>& g729);
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
