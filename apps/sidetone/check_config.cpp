#include "command.h"
#include "config/decision.h"
#include "config/default_files.h"
#include "default_config.h"
#include "engine/process_secrets.h"
#include "engine/start_check.h"

namespace sidetone::app {
namespace {

struct Options {
  std::string file, explain;
  bool elsewhere = false;
};

const char* plural(std::size_t count) { return count == 1 ? "" : "s"; }

config::ReadResult read(const std::string& file) {
  return engine::read_for_start(file, engine::secrets_of_process());
}

int check(const Options& options) {
  auto result = read(options.file);
  if (result.usable() && !options.elsewhere) {
    const auto more = engine::faults_on_this_machine(result.configuration, options.file);
    result.problems.insert(result.problems.end(), more.begin(), more.end());
  }
  std::size_t errors = 0, warnings = 0;
  for (const auto& problem : result.problems) {
    fmt::print("{}\n", config::describe(problem));
    ++(problem.severity == config::Severity::error ? errors : warnings);
  }
  const auto lines = result.configuration.lines.size();
  fmt::print("{}: {} error{}, {} warning{}, {} line{}\n", options.file, errors, plural(errors), warnings,
             plural(warnings), lines, plural(lines));
  return errors == 0 ? 0 : 1;
}

int explain(const Options& options) {
  const auto text = config::explain(options.explain);
  if (!text) return complain(text.error());
  fmt::print("{}", *text);
  for (const auto& decision : config::decisions())
    if (decision.path == config::find_option(options.explain)->path)
      fmt::print("  open in the documents: {}\n  here: {}\n", decision.open, decision.here);
  const auto file = options.file.empty() ? default_config() : options.file;
  const auto result = read(file);
  const auto& configuration = result.configuration;
  const auto value = configuration.get(options.explain);
  if (!value) return 0;  // a row that stands for many, such as connectivity.user without a line
  fmt::print("  value:   {}\n  from:    {}\n", value->empty() ? "(empty)" : *value,
             configuration.origin(options.explain));
  for (const auto& problem : result.problems)
    if (problem.option == config::canonical_path(options.explain))
      fmt::print("  {}\n", config::describe(problem));
  return 0;
}

}  // namespace

void add_check_config(CLI::App& app, Run& run) {
  auto options = std::make_shared<Options>();
  auto* command =
      app.add_subcommand("check-config", "read a configuration file and tell what is wrong with it");
  command->add_option("file", options->file, "the Softphone.config to check");
  command->add_option(
      "--explain", options->explain,
      "an option by its path: what it means, its values, default, value in force and its origin");
  command->add_flag(
      "--elsewhere", options->elsewhere,
      "the file is another machine's: do not ask whether this one has its address and certificate");
  command->footer(
      "Exit code: 0 the phone would start with it (warnings may remain), or the option was explained;\n"
      "1 the phone would not start (whether its ports are free is not tried), or there is no such option.");
  command->callback([&run, options] {
    if (options->file.empty() && options->explain.empty()) throw CLI::RequiredError("file");
    run = [options] { return options->explain.empty() ? check(*options) : explain(*options); };
  });
}

}  // namespace sidetone::app
