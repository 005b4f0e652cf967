// The option table as people read it: a page, and a file to begin with.
#pragma once

#include <string>

namespace sidetone::config {

[[nodiscard]] std::string options_markdown();  // docs/configuration.md
[[nodiscard]] std::string
example_file();  // a Softphone.config with every option and its meaning, all defaults

}  // namespace sidetone::config
