// The passwords that this process has from outside of its configuration file.
#pragma once

#include <vector>

#include "config/override.h"

namespace sidetone::engine {

// Systemd credentials and environment variables: config::secrets_from().
[[nodiscard]] std::vector<config::Override> secrets_of_process();

}  // namespace sidetone::engine
