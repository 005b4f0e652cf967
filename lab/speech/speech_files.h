// Real speech that Debian ships: asterisk-core-sounds-en-wav (8 kHz), asterisk-core-sounds-en-g722 (16 kHz)
// and alsa-utils (48 kHz).
#pragma once

#include <string>
#include <vector>

#include "base/expected.h"
#include "media/sound.h"

namespace sidetone::speech {

enum class Band { narrow, wide, full };

// Some seconds of speech in that band, always at 48 kHz. The error names the package to install.
[[nodiscard]] Expected<media::Sound> find_speech(Band band, double seconds_min);

[[nodiscard]] media::Sound at_48_khz(const media::Sound& sound);

}  // namespace sidetone::speech
