// The one function of this room that opens a file.
#pragma once

#include <string>

#include "config/reader.h"

namespace sidetone::config {

// A file that cannot be read is an error in the result's problems.
[[nodiscard]] ReadResult load_file(const std::string& path, const std::vector<Override>& overrides = {});

}  // namespace sidetone::config
