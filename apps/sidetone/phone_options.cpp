#include "phone_options.h"

#include <cstdlib>

#include "base/text.h"
#include "config/option.h"
#include "default_config.h"
#include "labhost/numbers.h"

namespace sidetone::app {
namespace {

// Never on the command line: other users see that of every process.
Expected<void> read_secret(const std::string& variable, std::string& secret) {
  if (variable.empty()) return {};
  const char* value = std::getenv(variable.c_str());
  if (value == nullptr)
    return fail(Layer::config, Fault::not_found,
                fmt::format("the environment variable {} is not set", variable), "export the password in it");
  secret = value;
  return {};
}

std::optional<DtmfMethod> dtmf_method(const std::string& text) {
  if (iequals(text, "Rfc2833")) return DtmfMethod::rfc2833;
  if (iequals(text, "Info")) return DtmfMethod::info;
  if (iequals(text, "InbandRtp")) return DtmfMethod::inband_rtp;
  return std::nullopt;
}

Expected<void> take_settings(const PhoneOptions& options, EndpointSettings& settings) {
  for (const auto& text : options.settings) {
    const auto equals = text.find('=');
    if (equals == std::string::npos)
      return fail(Layer::config, Fault::syntax, fmt::format("--set {} has no '='", text), "write PATH=VALUE");
    const auto path = text.substr(0, equals);
    const auto* option = config::find_option(path);
    if (option != nullptr && option->is_secret())
      return fail(Layer::config, Fault::refused,
                  fmt::format("{} is a secret, and other users see command lines", path),
                  "put it into the file, a variable or a credential");
    settings.options.push_back({path, text.substr(equals + 1)});
  }
  // What the command line says wins over the file.
  if (options.auto_answer) settings.options.push_back({"policy.session.auto_answer", "1"});
  if (options.auto_answer) settings.options.push_back({"policy.session.auto_answer_delay", "0"});
  return {};
}

Expected<void> set_tls(const PhoneOptions& options, TlsOptions& tls) {
  tls.ca_file = options.ca_file;
  tls.certificate_file = options.certificate;
  tls.key_file = options.key;
  tls.check_server_name = !options.no_name_check;
  return read_secret(options.key_passphrase_env, tls.key_passphrase);
}

Expected<void> start_lab(PhoneSetup& setup, const PhoneOptions& options) {
  setup.lab_log = std::make_unique<NullSink>();
  lab::LabSettings settings{Address{IpAddress::loopback_v4(), 0}, {}, {}, true};
  const bool tls = iequals(options.protocol, "tls");
  if (tls) settings.tls_port = 0;
  setup.lab = std::make_unique<lab::Lab>(std::move(settings), *setup.lab_log);
  if (auto started = setup.lab->start(); !started) return started;
  const auto address = tls ? *setup.lab->tls_address() : setup.lab->address();
  if (tls) setup.settings.tls.ca_file = setup.lab->tls_certificate_file();
  setup.settings.lines.push_back(
      {.user = options.user, .server = address.to_string(), .protocol = options.protocol});
  return {};
}

}  // namespace

void add_phone_options(CLI::App& command, PhoneOptions& o) {
  command.add_option("-c,--config", o.config_file,
                     "configuration file (default: ./Softphone.config, else that of the user or system)");
  command.add_option("--set", o.settings,
                     "option such as policy.session.auto_answer=1; wins over the file, repeatable");
  command.add_option("--server", o.server, "SIP server, HOST[:PORT], instead of a configuration file");
  command.add_option("--user", o.user, "DN to register")->capture_default_str();
  command.add_option("--protocol", o.protocol, "udp, tcp or tls")->capture_default_str();
  command.add_option("--password-env", o.password_env, "environment variable that holds the password");
  command.add_option("--ca-file", o.ca_file, "TLS: PEM file of authorities to trust beside the system's");
  command.add_option("--certificate", o.certificate, "TLS: PEM file of the own certificate");
  command.add_option("--key", o.key, "TLS: PEM file of its key, when it is a file of its own");
  command.add_option("--key-passphrase-env", o.key_passphrase_env,
                     "environment variable that holds the key's passphrase");
  command.add_flag("--no-name-check", o.no_name_check,
                   "TLS: take a trusted certificate whatever name is in it (tls-target-name-check=no)");
  command.add_flag("--no-register", o.no_register, "use the line without registering it");
  command.add_option("--audio", o.audio, "system: the sound server's devices; none: no hardware")
      ->check(CLI::IsMember({"system", "none"}))
      ->capture_default_str();
  command.add_option("--hold-music", o.hold_music, "WAV file that callers hear who are held");
  command.add_option("--speak", o.speak, "WAV file to speak instead of the microphone");
  command.add_option("--record", o.record, "WAV file that receives what is heard");
  command.add_option("--codecs", o.codecs, "audio codecs by priority, such as opus,G722,pcmu,pcma");
  command.add_option("--use-srtp", o.use_srtp,
                     "secured media: disabled, optional, elective, enabled or force; each with ,UEC");
  command.add_option("--bind", o.bind,
                     "IP address to listen on (default: chosen by the route to the server)");
  command.add_option("--dns-server", o.dns_servers, "name server, ADDRESS[:PORT] (default: the system's)");
  command.add_option("--sip-port", o.sip_port, "SIP port, 0: any that is free")->capture_default_str();
  command.add_option("--dtmf-method", o.dtmf_method, "how digits are sent: dtmf_method")
      ->check(CLI::IsMember({"Rfc2833", "Info", "InbandRtp"}, CLI::ignore_case));
  command.add_option("--ringing", o.ringing, "where calls ring: ringing_enabled, 0 to 7");
  command.add_option("--ringback", o.ringback, "what a caller hears: ringback_enabled, 0, 1, 2, 3, 4 or 6");
  command.add_option("--ringer-volume", o.ringer_volume, "of ringtones, in percent")->capture_default_str();
  command.add_flag("--auto-answer", o.auto_answer, "answer incoming calls at once");
  command.add_option(
      "--trust", o.trusted_peers,
      "address or network whose calls are taken, too, or any (default: the line's server only)");
  command.add_option("--log", o.log, "log to this very file, stdout or stderr, instead of log_file");
  command.add_flag("--debug", o.debug, "log everything, whatever log_level says");
}

Expected<PhoneSetup> set_up(const PhoneOptions& options) {
  PhoneSetup setup;
  auto& settings = setup.settings;
  settings.sip_port_min = settings.sip_port_max = options.sip_port;
  settings.public_address = options.bind;
  settings.dns_servers = options.dns_servers;
  settings.codecs = options.codecs;
  settings.use_srtp = options.use_srtp;
  settings.dtmf_method = dtmf_method(options.dtmf_method);
  settings.ringing_enabled = options.ringing;
  settings.ringback_enabled = options.ringback;
  settings.ringer_volume = options.ringer_volume;
  settings.auto_answer = options.auto_answer;
  settings.auto_answer_delay = std::chrono::milliseconds(0);
  settings.trusted_peers = options.trusted_peers;
  settings.log_file = options.log;
  settings.log_debug = options.debug;
  settings.audio.kind = options.audio == "none" ? AudioSettings::Kind::none : AudioSettings::Kind::system;
  settings.audio.input_file = options.speak;
  settings.audio.hold_music_file = options.hold_music;
  settings.audio.output_file = options.record;

  settings.watch_config_file = true;
  if (auto set = take_settings(options, settings); !set) return tl::make_unexpected(set.error());

  if (auto tls = set_tls(options, settings.tls); !tls) return tl::make_unexpected(tls.error());

  if (!options.server.empty()) {
    LineSettings line{.user = options.user, .server = options.server, .protocol = options.protocol};
    if (options.no_register) line.register_expires = std::chrono::seconds(0);
    if (auto read = read_secret(options.password_env, line.password); !read)
      return tl::make_unexpected(read.error());
    settings.lines.push_back(std::move(line));
  } else if (!options.config_file.empty()) {
    settings.config_file = options.config_file;
  } else if (auto file = default_config(); !file.empty()) {
    settings.config_file = std::move(file);
  } else if (auto started = start_lab(setup, options); !started) {
    return tl::make_unexpected(started.error());
  }
  return setup;
}

}  // namespace sidetone::app
