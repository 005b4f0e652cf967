// Where a configuration file is looked for when nobody names one.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sidetone::config {

using Environment = std::function<std::optional<std::string>(const char* name)>;

// In order: the working directory (where the vendor's phone looks), the user's folder and the system's
// folders (XDG Base Directory Specification), /etc/sidetone.
[[nodiscard]] std::vector<std::string> default_files(const Environment& environment);

}  // namespace sidetone::config
