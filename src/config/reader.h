// Reads Softphone.config. Text in, configuration and problems out; see load_file.h for files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.h"
#include "config/override.h"
#include "config/problem.h"

namespace sidetone::config {

struct ReadResult {
  // Always whole: where the file is wrong, the default stands.
  Configuration configuration;
  std::vector<ConfigProblem> problems;  // document faults first, then in the order of the options' lines

  // No error among the problems: a phone may start with it.
  [[nodiscard]] bool usable() const;
};

// `file` only names the place in problems.
[[nodiscard]] ReadResult read_configuration(std::string_view text, std::string file,
                                            const std::vector<Override>& overrides = {});
// No file at all: the defaults and what is set by hand.
[[nodiscard]] ReadResult configuration_of(const std::vector<Override>& overrides);

}  // namespace sidetone::config
