#include "command.h"
#include "config/load_file.h"

namespace sidetone::app {
namespace {

struct Options {
  std::string file;
};

const char* plural(std::size_t count) { return count == 1 ? "" : "s"; }

int check(const Options& options) {
  const auto result = config::load_file(options.file);
  std::size_t errors = 0, warnings = 0;
  for (const auto& problem : result.problems) {
    fmt::print("{}\n", config::describe(problem));
    ++(problem.severity == config::Severity::error ? errors : warnings);
  }
  const auto lines = result.configuration.lines.size();
  if (errors == 0 && lines == 0) {  // nothing is wrong with it, but no phone comes of it
    fmt::print("{}: error: there is no line (put a Connectivity element into the Container 'Basic')\n",
               options.file);
    ++errors;
  }
  fmt::print("{}: {} error{}, {} warning{}, {} line{}\n", options.file, errors, plural(errors), warnings,
             plural(warnings), lines, plural(lines));
  return errors == 0 ? 0 : 1;
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
