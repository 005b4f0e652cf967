// The configuration file that is found when nobody names one.
#pragma once

#include <string>

namespace sidetone::app {

[[nodiscard]] std::string default_config();  // empty: there is none

}  // namespace sidetone::app
