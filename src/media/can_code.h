// Which codecs of the catalogue can really be sent and received here. `g729`: the loaded module, or null.
#pragma once

#include "codec/audio_format.h"

namespace sidetone::media {

class G729Module;

[[nodiscard]] inline bool can_code(codec::AudioCodec codec, const G729Module* g729) {
  return codec::is_speech(codec) && (codec != codec::AudioCodec::g729 || g729 != nullptr);
}

[[nodiscard]] inline bool can_decode(codec::AudioCodec codec, const G729Module* g729) {
  return can_code(codec, g729) || codec == codec::AudioCodec::comfort_noise;
}

}  // namespace sidetone::media
