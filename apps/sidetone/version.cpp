#include "command.h"

namespace sidetone::app {

void add_version(CLI::App& app, Run& run) {
  auto* command = app.add_subcommand("version", "print the version");
  command->callback([&run] {
    run = [] {
      fmt::print("sidetone {}\n", SIDETONE_VERSION);
      return 0;
    };
  });
}

}  // namespace sidetone::app
