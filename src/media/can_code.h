// Which codecs of the catalogue this build can really send and receive.
#pragma once

#include "codec/audio_format.h"

namespace sidetone::media {

[[nodiscard]] inline bool can_code(codec::AudioCodec codec) {
  using codec::AudioCodec;
  return codec::is_speech(codec) && codec != AudioCodec::g729;
}

}  // namespace sidetone::media
