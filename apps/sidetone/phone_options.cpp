#include "phone_options.h"

#include <cstdlib>
#include <filesystem>

#include "labhost/numbers.h"

namespace sidetone::app {
namespace {

constexpr const char* default_config = "Softphone.config";

Expected<void> read_password(const PhoneOptions& options, LineSettings& line) {
  if (options.password_env.empty()) return {};
  // Never on the command line: other users see that of every process.
  const char* password = std::getenv(options.password_env.c_str());
  if (password == nullptr)
    return fail(Layer::config, Fault::not_found,
                fmt::format("the environment variable {} is not set", options.password_env),
                "export the password in it");
  line.password = password;
  return {};
}

Expected<void> start_lab(PhoneSetup& setup, const PhoneOptions& options) {
  setup.lab_log = std::make_unique<NullSink>();
  setup.lab = std::make_unique<lab::Lab>(lab::LabSettings{Address{IpAddress::loopback_v4(), 0}, {}, {}, true},
                                         *setup.lab_log);
  if (auto started = setup.lab->start(); !started) return started;
  setup.settings.lines.push_back(
      {.user = options.user, .server = setup.lab->address().to_string(), .protocol = options.protocol});
  return {};
}

}  // namespace

void add_phone_options(CLI::App& command, PhoneOptions& o) {
  command.add_option("-c,--config", o.config_file,
                     "configuration file (default: ./Softphone.config when it is there)");
  command.add_option("--server", o.server, "SIP server, HOST[:PORT], instead of a configuration file");
  command.add_option("--user", o.user, "DN to register")->capture_default_str();
  command.add_option("--protocol", o.protocol, "udp or tcp")->capture_default_str();
  command.add_option("--password-env", o.password_env, "environment variable that holds the password");
  command.add_flag("--no-register", o.no_register, "use the line without registering it");
  command.add_option("--audio", o.audio, "system: the sound server's devices; none: no hardware")
      ->check(CLI::IsMember({"system", "none"}))
      ->capture_default_str();
  command.add_option("--speak", o.speak, "WAV file to speak instead of the microphone");
  command.add_option("--record", o.record, "WAV file that receives what is heard");
  command.add_option("--codecs", o.codecs, "audio codecs by priority, such as opus,G722,pcmu,pcma");
  command.add_option("--bind", o.bind,
                     "IP address to listen on (default: chosen by the route to the server)");
  command.add_option("--sip-port", o.sip_port, "SIP port, 0: any that is free")->capture_default_str();
  command.add_flag("--auto-answer", o.auto_answer, "answer incoming calls at once");
  command.add_option("--log", o.log, "log file, or stderr");
  command.add_flag("--debug", o.debug, "log more");
}

Expected<PhoneSetup> set_up(const PhoneOptions& options) {
  PhoneSetup setup;
  auto& settings = setup.settings;
  settings.sip_port_min = settings.sip_port_max = options.sip_port;
  settings.public_address = options.bind;
  settings.codecs = options.codecs;
  settings.auto_answer = options.auto_answer;
  settings.auto_answer_delay = std::chrono::milliseconds(0);
  settings.log_file = options.log;
  settings.log_debug = options.debug;
  settings.audio.kind = options.audio == "none" ? AudioSettings::Kind::none : AudioSettings::Kind::system;
  settings.audio.input_file = options.speak;
  settings.audio.output_file = options.record;

  if (!options.server.empty()) {
    LineSettings line{.user = options.user, .server = options.server, .protocol = options.protocol};
    if (options.no_register) line.register_expires = std::chrono::seconds(0);
    if (auto read = read_password(options, line); !read) return tl::make_unexpected(read.error());
    settings.lines.push_back(std::move(line));
  } else if (!options.config_file.empty()) {
    settings.config_file = options.config_file;
  } else if (std::filesystem::exists(default_config)) {
    settings.config_file = default_config;
  } else if (auto started = start_lab(setup, options); !started) {
    return tl::make_unexpected(started.error());
  }
  return setup;
}

}  // namespace sidetone::app
