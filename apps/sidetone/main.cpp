// sidetone: one program for the headless agent phone and the small jobs around it.
#include "command.h"

int main(int argc, char** argv) {
  CLI::App app(
      "Sidetone, an agent softphone.\n\n"
      "New here? `sidetone demo` makes three calls in an embedded contact centre and measures them;\n"
      "`sidetone phone` is a phone in it, with numbers to dial.");
  app.name("sidetone");
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::help);
  sidetone::app::Run run;
  sidetone::app::add_demo(app, run);
  sidetone::app::add_phone(app, run);
  sidetone::app::add_call(app, run);
  sidetone::app::add_devices(app, run);
  sidetone::app::add_check_config(app, run);
  sidetone::app::add_options(app, run);
  sidetone::app::add_diagnostics(app, run);
  sidetone::app::add_version(app, run);
  CLI11_PARSE(app, argc, argv);
  return run();
}
