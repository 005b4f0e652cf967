// The lab as a program of its own: a SIP server with voices behind it, for phones of any make.
#include <fmt/format.h>

#include <cstdio>

#include "command.h"

namespace sidetone::lab {

int complain(const Error& error) {
  fmt::print(stderr, "sidetone-lab: {}\n", describe(error));
  return 1;
}

}  // namespace sidetone::lab

int main(int argc, char** argv) {
  CLI::App app;
  app.require_subcommand(0, 1);
  const auto serve = sidetone::lab::add_serve(app);
  const auto ctl = sidetone::lab::add_ctl(app);
  const auto agents = sidetone::lab::add_agents(app);
  CLI11_PARSE(app, argc, argv);
  if (app.got_subcommand("ctl")) return ctl();
  if (app.got_subcommand("agents")) return agents();
  return serve();
}
