// A tone's samples: out of its file, or generated where there is none or it cannot be played.
#pragma once

#include <functional>
#include <string>

#include "base/expected.h"
#include "media/tone_pattern.h"

namespace sidetone::media {

struct ToneSpec {
  std::string file;    // WAV; empty: generated
  std::string option;  // whose value the file is, for messages
  TonePattern pattern;
};

// At most five minutes: a ringtone is held in memory at the device's rate. Errors name option and file.
[[nodiscard]] Expected<Sound> read_tone_file(const std::string& file, const std::string& option);

// Reads and computes: for a worker. `complain` hears why the file is not what sounds. A tone that sounds
// `once` ends with its last sound, without the pause before the next one.
[[nodiscard]] Sound tone_sound(const ToneSpec& spec, int rate_hz, bool once,
                               const std::function<void(Error)>& complain);

}  // namespace sidetone::media
