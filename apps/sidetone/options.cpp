// The option table, for documentation.
#include <memory>

#include "command.h"
#include "config/documentation.h"
#include "config/option.h"

namespace sidetone::app {
namespace {

int show(const std::string& format) {
  if (format == "markdown") fmt::print("{}", config::options_markdown());
  if (format == "example") fmt::print("{}", config::example_file());
  if (format == "names")
    for (const auto& option : config::option_table()) fmt::print("{}\n", option.path);
  return 0;
}

}  // namespace

void add_options(CLI::App& app, Run& run) {
  auto format = std::make_shared<std::string>("names");
  auto* command = app.add_subcommand("options", "list all options of the configuration file");
  command
      ->add_option("--format", *format,
                   "names; markdown: what they mean, as a page; example: a file that has them all")
      ->check(CLI::IsMember({"names", "markdown", "example"}))
      ->capture_default_str();
  command->footer("sidetone check-config --explain OPTION tells all of one of them.");
  command->callback([&run, format] { run = [format] { return show(*format); }; });
}

}  // namespace sidetone::app
