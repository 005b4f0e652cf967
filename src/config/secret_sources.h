// Passwords from outside of the file: systemd credentials and environment variables, so that the file can be
// given to everybody.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/default_files.h"
#include "config/override.h"

namespace sidetone::config {

// For each secret option, "proxies.proxy0.password" for one (and for each line's section):
//   the file of that name in $CREDENTIALS_DIRECTORY (systemd LoadCredential=), else
//   the variable SIDETONE_PROXIES_PROXY0_PASSWORD, else
//   for TURN GCTI_TURN_PASSWORD, and GCTI_TURN_USERNAME for its user, of all lines.
// They win over the file. `read_file` gives nothing for a file that is not there.
using ReadFile = std::function<std::optional<std::string>(const std::string& path)>;
[[nodiscard]] std::vector<Override> secrets_from(const Environment& environment, const ReadFile& read_file);

}  // namespace sidetone::config
