// The encoders of the media library, set up as a negotiated format asks.
#pragma once

#include <api/audio_codecs/audio_encoder.h>

#include <chrono>
#include <memory>

#include "codec/audio_format.h"
#include "media/g729_module.h"

namespace sidetone::media {

// Mono. Nothing for a codec that we do not encode; `ptime` is one that the codec can do
// (codec::packet_time). `g729` may be null.
[[nodiscard]] std::unique_ptr<webrtc::AudioEncoder> make_encoder(
    const codec::AudioFormat& format, std::chrono::milliseconds ptime,
    const std::shared_ptr<const G729Module>& g729);

}  // namespace sidetone::media
