// What a start refuses in a configuration, beside what config/ can know: codecs, transports, certificates,
// addresses. The same for `sidetone check-config`, a start and a change at run time, each fault with the
// place of its option.
#pragma once

#include <string>
#include <vector>

#include "config/override.h"
#include "config/reader.h"

namespace sidetone::engine {

// Reads `file` (empty: none) with `overrides` over it, and adds what the engine cannot use.
[[nodiscard]] config::ReadResult read_for_start(const std::string& file,
                                                const std::vector<config::Override>& overrides);

// What only shows on the machine that the phone runs on: own address, certificate files, built-in codecs; and
// that there is a line at all. For a configuration without errors that a phone is to be started with as it
// is.
[[nodiscard]] std::vector<config::ConfigProblem> faults_on_this_machine(
    const config::Configuration& configuration, const std::string& file);

}  // namespace sidetone::engine
