// Which codecs of the catalogue this build can really send and receive.
#pragma once

#include "codec/audio_format.h"

namespace sidetone::media {

[[nodiscard]] constexpr bool can_code(codec::AudioCodec codec) {
  using codec::AudioCodec;
  return codec == AudioCodec::pcmu || codec == AudioCodec::pcma || codec == AudioCodec::g722 ||
         codec == AudioCodec::opus;
}

}  // namespace sidetone::media
