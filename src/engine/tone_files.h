// Which files the tones come from. A file that the configuration names must be there and be playable, else it
// is told; the files of the defaults may be missing. Either way the generated tone sounds instead.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "endpoint/media_order.h"
#include "media/tone_sound.h"

namespace sidetone::engine {

struct ToneFileSetting {
  std::string file, option;
  bool named = false;  // by the user, not by the default
};
// By endpoint::ToneFile.
using ToneFileSettings = std::array<ToneFileSetting, 4>;

// Reads the files. What cannot be played is left out from then on, with an error for each that was named.
[[nodiscard]] std::vector<Error> check_tone_files(ToneFileSettings& settings);
[[nodiscard]] media::ToneSpec tone_spec(const ToneFileSettings& settings, endpoint::ToneFile file);

}  // namespace sidetone::engine
