// Natural speech for announcements and customers: recordings that Debian packages bring (tools/deps installs
// them); nothing is copied into this project.
#pragma once

#include <string>
#include <vector>

#include "base/expected.h"

namespace sidetone::lab {

// A voice at telephone quality (8 kHz), half a minute long. Fault::not_found names the package to install.
[[nodiscard]] Expected<std::string> narrowband_speech();
// Voice recorded at 48 kHz, several short files, in order.
[[nodiscard]] Expected<std::vector<std::string>> wideband_speech();

// The wideband recordings one after the other as one WAV file at `path`.
[[nodiscard]] Expected<void> write_wideband_speech(const std::string& path);
// A short, generated piece of music as a WAV file: no recording, no licence.
[[nodiscard]] Expected<void> write_music(const std::string& path);

}  // namespace sidetone::lab
