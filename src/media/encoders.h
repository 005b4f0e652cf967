// The encoders of the media library, set up as a negotiated format asks.
#pragma once

#include <api/audio_codecs/audio_encoder.h>

#include <chrono>
#include <memory>

#include "codec/audio_format.h"
#include "media/g729_module.h"

namespace sidetone::media {

// Mono. Nothing for a codec that we do not encode; `ptime` is one that the codec can do
// (codec::packet_time). `g729` may be null. `opus_complexity`: 0 to 10.
[[nodiscard]] std::unique_ptr<webrtc::AudioEncoder> make_encoder(
    const codec::AudioFormat& format, std::chrono::milliseconds ptime,
    const std::shared_ptr<const G729Module>& g729, int opus_complexity);

// Silence becomes comfort noise (RFC 3389) of that payload type. `vad_level`: 0 to 3.
[[nodiscard]] std::unique_ptr<webrtc::AudioEncoder> with_comfort_noise(
    std::unique_ptr<webrtc::AudioEncoder> speech, int payload_type, int vad_level);

}  // namespace sidetone::media
