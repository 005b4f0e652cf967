// What the lab's voices say and play, as WAV files. Natural speech comes from Debian packages (tools/deps
// installs them; errors name the package), music is generated: no recording, no licence.
#pragma once

#include <string>

#include "base/expected.h"

namespace sidetone::lab {

[[nodiscard]] Expected<void> write_speech(const std::string& path);        // a customer, recorded at 48 kHz
[[nodiscard]] Expected<void> write_announcement(const std::string& path);  // another voice, 16 kHz
[[nodiscard]] Expected<void> write_music(const std::string& path);

}  // namespace sidetone::lab
