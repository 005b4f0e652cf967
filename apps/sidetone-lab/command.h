// A subcommand of the program: adds itself, and runs when it was asked for.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "base/expected.h"

namespace sidetone::lab {

using Run = std::function<int()>;

// Each returns what to do when its subcommand was given.
Run add_ctl(CLI::App& app);
Run add_agents(CLI::App& app);
Run add_serve(CLI::App& app);  // the lab itself: without a subcommand

int complain(const Error& error);  // on stderr; the exit code

inline constexpr const char* control_address = "127.0.0.1:5068";

}  // namespace sidetone::lab
