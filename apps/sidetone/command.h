// The subcommands of `sidetone`: each file adds its own to the parser and returns the process's exit code.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <functional>

#include "base/expected.h"

namespace sidetone::app {

// Set by the subcommand that was chosen; run by main() after parsing.
using Run = std::function<int()>;

void add_call(CLI::App& app, Run& run);
void add_check_config(CLI::App& app, Run& run);
void add_demo(CLI::App& app, Run& run);
void add_diagnostics(CLI::App& app, Run& run);
void add_devices(CLI::App& app, Run& run);
void add_options(CLI::App& app, Run& run);
void add_phone(CLI::App& app, Run& run);
void add_version(CLI::App& app, Run& run);

// One sentence with its remedy on stderr; the exit code of a failure.
inline int complain(const Error& error) {
  fmt::print(stderr, "sidetone: {}\n", describe(error));
  return 1;
}

}  // namespace sidetone::app
