#include "command.h"
#include "config/load_file.h"

namespace sidetone::app {
namespace {

struct Options {
  std::string file;
};

int check(const Options& options) {
  const auto result = config::load_file(options.file);
  std::size_t errors = 0;
  for (const auto& problem : result.problems) {
    fmt::print("{}\n", config::describe(problem));
    if (problem.severity == config::Severity::error) ++errors;
  }
  fmt::print("{}: {} error{}, {} warning{}, {} line{}\n", options.file, errors, errors == 1 ? "" : "s",
             result.problems.size() - errors, result.problems.size() - errors == 1 ? "" : "s",
             result.configuration.lines.size(), result.configuration.lines.size() == 1 ? "" : "s");
  return result.usable() ? 0 : 1;
}

}  // namespace

void add_check_config(CLI::App& app, Run& run) {
  auto options = std::make_shared<Options>();
  auto* command =
      app.add_subcommand("check-config", "read a configuration file and tell what is wrong with it");
  command->add_option("file", options->file, "the Softphone.config to check")->required();
  command->footer("Exit code: 0 the phone would start with it (warnings may remain), 1 it would not.");
  command->callback([&run, options] { run = [options] { return check(*options); }; });
}

}  // namespace sidetone::app
