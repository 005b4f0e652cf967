// The lab as a program of its own: a SIP server with voices behind it, for phones of any make.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>

#include "engine/log_sink.h"
#include "labhost/lab.h"
#include "labhost/numbers.h"

namespace {

std::string numbers_text() {
  std::string text = "Phones register as any DN from 7001 to 7099. To call:\n";
  for (const auto& number : sidetone::lab::numbers) text += fmt::format("  {}  {}\n", number.dn, number.what);
  return text;
}

int fail(const sidetone::Error& error) {
  fmt::print(stderr, "sidetone-lab: {}\n", sidetone::describe(error));
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace sidetone;
  CLI::App app("A contact centre in a box: registrar, switchboard and voices to call.\n" + numbers_text());
  std::string listen = "127.0.0.1:5060", folder, log_file;
  std::vector<std::string> users;
  std::string tls_certificate, tls_ca_file;
  std::optional<std::uint16_t> tls_port;
  bool print_port = false, debug = false, tls_demand = false;
  app.add_option("--listen", listen, "address and port; port 0: any that is free")->capture_default_str();
  app.add_option("--folder", folder, "where recordings go (default: a temporary folder)");
  app.add_option("--user", users, "DN:PASSWORD that must authenticate; others are admitted without one");
  app.add_option("--tls-port", tls_port, "listen for TLS, too; 0: any port that is free");
  app.add_option("--tls-certificate", tls_certificate,
                 "PEM file with certificate and key (default: self-signed, in FOLDER/lab-certificate.pem)");
  app.add_option("--tls-ca-file", tls_ca_file, "PEM file of authorities whose clients are believed");
  app.add_flag("--tls-demand-certificate", tls_demand, "refuse TLS clients without a certificate");
  app.add_flag("--print-port", print_port,
               "print the port on the first line of stdout, that for TLS on the second");
  app.add_option("--log", log_file, "log file, or stderr");
  app.add_flag("--debug", debug, "log more");
  CLI11_PARSE(app, argc, argv);

  const auto address = Address::parse(listen, 5060);
  if (!address) return fail(address.error());
  engine::SteadyTime clock;
  std::unique_ptr<LogSink> log = std::make_unique<NullSink>();
  if (!log_file.empty()) {
    engine::LogSettings log_settings{.file = log_file};
    if (debug) log_settings.detail = engine::LogDetail::up_to(LogLevel::debug);
    log_settings.application = "Sidetone lab";
    auto opened = engine::open_log(log_settings, clock);
    if (!opened) return fail(opened.error());
    log = std::move(*opened);
  }
  lab::LabSettings settings{*address, folder, {}, true};
  settings.tls_port = tls_port;
  settings.tls.certificate_file = tls_certificate;
  settings.tls.ca_file = tls_ca_file;
  if (tls_demand) settings.tls.client_certificates = net::TlsClientCertificates::demand;
  for (const auto& user : users) {
    const auto colon = user.find(':');
    if (colon == std::string::npos || colon == 0)
      return fail(Error{Fault::syntax, Layer::lab, "--user wants DN:PASSWORD", {}});
    settings.users.push_back({user.substr(0, colon), Secret<std::string>(user.substr(colon + 1))});
  }

  // Blocked before any thread starts, so that sigwait() below is the only one to get them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  lab::Lab lab(std::move(settings), *log);
  if (auto started = lab.start(); !started) return fail(started.error());
  if (print_port) {
    fmt::print("{}\n", lab.address().port);
    if (lab.tls_address()) fmt::print("{}\n", lab.tls_address()->port);
  } else {
    fmt::print("The lab listens on {} (UDP and TCP).\n", lab.address().to_string());
    if (lab.tls_address())
      fmt::print("TLS on {}; phones trust {}.\n", lab.tls_address()->to_string(), lab.tls_certificate_file());
    fmt::print("{}", numbers_text());
  }
  std::fflush(stdout);
  int signal = 0;
  sigwait(&signals, &signal);
  lab.stop();
  return 0;
}
