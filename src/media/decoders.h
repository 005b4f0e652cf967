// Every decoder that the jitter buffer may use.
#pragma once

#include <api/audio_codecs/audio_decoder_factory.h>

#include <memory>

#include "media/g729_module.h"

namespace sidetone::media {

// `g729` may be null: then there is none of that.
[[nodiscard]] rtc::scoped_refptr<webrtc::AudioDecoderFactory> make_decoder_factory(
    std::shared_ptr<const G729Module> g729);

}  // namespace sidetone::media
