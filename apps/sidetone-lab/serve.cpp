// sidetone-lab without a subcommand: the contact centre runs until a signal ends it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <csignal>
#include <cstdio>

#include "command.h"
#include "engine/log_sink.h"
#include "labhost/lab.h"
#include "labhost/numbers.h"

namespace sidetone::lab {
namespace {

struct ServeSettings {
  std::string listen = "127.0.0.1:5060", folder, log_file, control = control_address;
  std::vector<std::string> users, origins, dn_options;
  bool music_on_hold = false, busy_treatment = false, offers_to_mixer = false;
  std::string tls_certificate, tls_ca_file;
  std::optional<std::uint16_t> tls_port;
  bool print_port = false, debug = false, tls_demand = false;
};

std::string numbers_text() {
  std::string text = "Phones register as any DN that is none of these (7001, say). To call:\n";
  for (const auto& number : numbers) text += fmt::format("  {}  {}\n", number.dn, number.what);
  return text;
}

Expected<std::unique_ptr<LogSink>> open_log(const ServeSettings& settings, const engine::SteadyTime& clock) {
  if (settings.log_file.empty()) return std::make_unique<NullSink>();
  engine::LogSettings log_settings{.file = settings.log_file};
  if (settings.debug) log_settings.detail = engine::LogDetail::up_to(LogLevel::debug);
  log_settings.application = "Sidetone lab";
  auto opened = engine::open_log(log_settings, clock);
  if (!opened) return tl::make_unexpected(std::move(opened.error()));
  return std::move(*opened);
}

// Those of all DNs first, whatever the order: a DN's own begin with them.
Expected<void> read_dn_options(const std::vector<std::string>& texts, ServerSettings& server) {
  for (const bool of_all : {true, false})
    for (const auto& text : texts) {
      auto option = parse_dn_option(text);
      if (!option) return tl::make_unexpected(std::move(option.error()));
      if (option->dn.empty() != of_all) continue;
      auto& options = of_all ? server.dn_defaults
                             : server.dn_options.try_emplace(option->dn, server.dn_defaults).first->second;
      if (auto done = set(options, option->name, option->value); !done) return done;
    }
  return {};
}

// `where_asked`: --control was given. The default follows a lab that takes any free port.
Expected<std::optional<Address>> control_of(const ServeSettings& settings, const Address& listen,
                                            bool where_asked) {
  if (settings.control == "off") return std::nullopt;
  auto control = Address::parse(settings.control, 0);
  if (!control) return tl::make_unexpected(std::move(control.error()));
  if (!where_asked && listen.port == 0) control->port = 0;
  return *control;
}

Expected<LabSettings> lab_settings(const ServeSettings& settings, bool control_asked) {
  const auto address = Address::parse(settings.listen, 5060);
  if (!address) return tl::make_unexpected(address.error());
  LabSettings lab{*address, settings.folder, {}, true};
  auto control = control_of(settings, *address, control_asked);
  if (!control) return tl::make_unexpected(std::move(control.error()));
  lab.control = *control;
  lab.control_settings.origins = settings.origins;
  if (auto read = read_dn_options(settings.dn_options, lab.server); !read)
    return tl::make_unexpected(std::move(read.error()));
  lab.server.music_on_hold = settings.music_on_hold;
  lab.server.busy_treatment = settings.busy_treatment;
  lab.server.conference_without_delayed_offer = settings.offers_to_mixer;
  lab.tls_port = settings.tls_port;
  lab.tls.certificate_file = settings.tls_certificate;
  lab.tls.ca_file = settings.tls_ca_file;
  if (settings.tls_demand) lab.tls.client_certificates = net::TlsClientCertificates::demand;
  for (const auto& user : settings.users) {
    const auto colon = user.find(':');
    if (colon == std::string::npos || colon == 0)
      return fail(Layer::lab, Fault::syntax, "--user wants DN:PASSWORD", {});
    lab.users.push_back({user.substr(0, colon), Secret<std::string>(user.substr(colon + 1))});
  }
  return lab;
}

void tell_addresses(const Lab& lab, bool ports_only, bool control_asked) {
  if (ports_only) {
    fmt::print("{}\n", lab.address().port);
    if (lab.tls_address()) fmt::print("{}\n", lab.tls_address()->port);
    if (control_asked && lab.control_address()) fmt::print("{}\n", lab.control_address()->port);
  } else {
    fmt::print("The lab listens on {} (UDP and TCP).\n", lab.address().to_string());
    if (lab.tls_address())
      fmt::print("TLS on {}; phones trust {}.\n", lab.tls_address()->to_string(), lab.tls_certificate_file());
    if (lab.control_address())
      fmt::print("Calls are controlled at {} (sidetone-lab ctl, WebSocket).\n",
                 lab.control_address()->to_string());
    fmt::print("{}", numbers_text());
  }
  std::fflush(stdout);
}

int serve(const ServeSettings& settings, bool control_asked) {
  auto lab_wants = lab_settings(settings, control_asked);
  if (!lab_wants) return complain(lab_wants.error());
  engine::SteadyTime clock;
  auto log = open_log(settings, clock);
  if (!log) return complain(log.error());

  // Blocked before any thread starts, so that sigwait() below is the only one to get them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  Lab lab(std::move(*lab_wants), **log);
  if (auto started = lab.start(); !started) return complain(started.error());
  tell_addresses(lab, settings.print_port, control_asked);
  int signal = 0;
  sigwait(&signals, &signal);
  lab.stop();
  return 0;
}

}  // namespace

Run add_serve(CLI::App& app) {
  auto settings = std::make_shared<ServeSettings>();
  app.description(
      "A contact centre in a box: registrar, switchboard, third-party call control and voices to call.\n" +
      numbers_text());
  app.add_option("--listen", settings->listen, "address and port; port 0: any that is free")
      ->capture_default_str();
  app.add_option("--folder", settings->folder, "where recordings go (default: a temporary folder)");
  app.add_option("--user", settings->users,
                 "DN:PASSWORD that must authenticate; others are admitted without one");
  app.add_option("--dn", settings->dn_options,
                 fmt::format("DN:NAME=VALUE, an option of a DN, or :NAME=VALUE, of all: {}",
                             fmt::join(dn_option_names(), ", ")));
  app.add_flag("--music-on-hold", settings->music_on_hold, "who is held by a T-Library request hears music");
  app.add_flag("--busy-treatment", settings->busy_treatment, "whose destination refuses hears the busy tone");
  app.add_flag("--offers-to-mixer", settings->offers_to_mixer,
               "the mixer gets an offer with its INVITE: the second way of a conference");
  app.add_option("--tls-port", settings->tls_port, "listen for TLS, too; 0: any port that is free");
  app.add_option("--tls-certificate", settings->tls_certificate,
                 "PEM file with certificate and key (default: self-signed, in FOLDER/lab-certificate.pem)");
  app.add_option("--tls-ca-file", settings->tls_ca_file,
                 "PEM file of authorities whose clients are believed");
  app.add_flag("--tls-demand-certificate", settings->tls_demand, "refuse TLS clients without a certificate");
  auto* control =
      app.add_option("--control", settings->control,
                     "where T-Library clients connect (WebSocket, see ctl --help); 'off': nowhere")
          ->capture_default_str();
  app.add_option("--origin", settings->origins,
                 "web pages that may connect there, e.g. https://desk.example");
  app.add_flag(
      "--print-port", settings->print_port,
      "print the port on the first line of stdout, that for TLS on the second, that of --control last");
  app.add_option("--log", settings->log_file, "log file, or stderr");
  app.add_flag("--debug", settings->debug, "log more");
  return [settings, control] { return serve(*settings, control->count() > 0); };
}

}  // namespace sidetone::lab
