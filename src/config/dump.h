// The effective configuration as text for a log: every option with the value in force.
#pragma once

#include <string>

#include "config/configuration.h"

namespace sidetone::config {

// An outline like the observed product's: containers, domains and sections as opened tags, settings as
// name = "value", those that the file does not set marked as defaults. Secrets are stars. No line of it holds
// a control character.
[[nodiscard]] std::string dump(const Configuration& configuration);

}  // namespace sidetone::config
