// sidetone-lab agents: a load of agents and customers for any SIP server.
#include "agents/load_run.h"

#include <fmt/format.h>

#include <boost/asio/signal_set.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <filesystem>

#include "command.h"
#include "engine/log_sink.h"
#include "labhost/sounds.h"

namespace sidetone::lab {
namespace {

struct AgentsSettings {
  std::string server = "127.0.0.1:5060", transport = "udp", script = "talk 10; hangup", log_file, password;
  LoadSettings load;
  bool signalling_only = false, json = false, quiet = false;
};

Expected<LoadSettings> load_of(const AgentsSettings& settings) {
  auto load = settings.load;
  const auto colon = settings.server.rfind(':');
  const auto server = Address::parse(settings.server, 5060);
  load.server_host = server ? server->ip.to_string() : settings.server.substr(0, colon);
  load.server_port = server ? server->port : 5060;
  if (!server && colon != std::string::npos) {
    const auto port = Address::parse("127.0.0.1" + settings.server.substr(colon), 5060);
    if (!port) return tl::make_unexpected(port.error());
    load.server_port = port->port;
  }
  load.transport = settings.transport == "tls"   ? sip::Transport::tls
                   : settings.transport == "tcp" ? sip::Transport::tcp
                                                 : sip::Transport::udp;
  load.password = Secret<std::string>(settings.password);
  load.with_sound = !settings.signalling_only;
  auto script = parse_script(settings.script);
  if (!script) return tl::make_unexpected(std::move(script.error()));
  load.script = std::move(*script);
  if (auto codecs = codec::parse_enabled(load.codecs); !codecs) return tl::make_unexpected(codecs.error());
  return load;
}

// The speech of all, in a folder that goes with it.
class SpeechFolder {
 public:
  SpeechFolder() {
    std::error_code error;
    std::string name = (std::filesystem::temp_directory_path(error) / "sidetone-agents-XXXXXX").string();
    if (!error && ::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~SpeechFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] Expected<std::string> speech() const {
    if (path_.empty())
      return fail(Layer::lab, Fault::io, "no temporary folder can be made for the speech",
                  "set TMPDIR to a folder that you may write to, or take --signalling-only");
    const auto file = path_ + "/speech.wav";
    if (auto written = write_speech(file); !written) return tl::make_unexpected(std::move(written.error()));
    return file;
  }

 private:
  std::string path_;
};

int run(const AgentsSettings& settings) {
  auto load = load_of(settings);
  if (!load) return complain(load.error());
  engine::SteadyTime clock;
  std::unique_ptr<LogSink> log = std::make_unique<NullSink>();
  if (!settings.log_file.empty()) {
    auto opened = engine::open_log({.file = settings.log_file}, clock);
    if (!opened) return complain(opened.error());
    log = std::move(*opened);
  }
  const SpeechFolder folder;
  std::string speech;
  if (load->with_sound) {
    auto written = folder.speech();
    if (!written) return complain(written.error());
    speech = std::move(*written);
  }
  boost::asio::io_context io(1);
  LoadRun load_run(io, std::move(*load), std::move(speech), *log);
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](boost::system::error_code error, int) {
    if (!error) load_run.stop();
  });
  auto started = load_run.start([&] { io.stop(); },
                                [&](const std::string& line) {
                                  if (!settings.quiet) fmt::print(stderr, "{}\n", line);
                                });
  if (!started) return complain(started.error());
  io.run();
  const auto& report = load_run.report();
  if (settings.json)
    fmt::print("{}\n", boost::json::serialize(report.to_json(load_run.length())));
  else
    fmt::print("{}", report.text(load_run.length()));
  return report.failures() == 0 && report.calls() > 0 ? 0 : 1;
}

}  // namespace

Run add_agents(CLI::App& app) {
  auto settings = std::make_shared<AgentsSettings>();
  auto& load = settings->load;
  auto* agents = app.add_subcommand(
      "agents",
      "Load a SIP server: agents register, customers call them, and a report tells what became of the "
      "calls.\n"
      "  agents --count 100 --rate 5 --calls 300 --script 'ring 1; talk 20; hold 3; talk 5; hangup'\n"
      "Agents are DNs in a row; the server must let them register, and the customer call them.\n"
      "Exit code: 0 all calls were as the script says, 1 some failed.");
  agents->add_option("--server", settings->server, "HOST[:PORT] of the SIP server")->capture_default_str();
  agents->add_option("--transport", settings->transport)
      ->capture_default_str()
      ->check(CLI::IsMember({"udp", "tcp", "tls"}));
  agents->add_option("--ca-file", load.tls.ca_file,
                     "tls: PEM file of authorities that are believed beside the system's");
  agents->add_option("--address", load.own_address, "our own address, as the option public_address");
  agents->add_option("--count", load.count, "agents")->capture_default_str()->check(CLI::Range(1, 10000));
  agents->add_option("--first-dn", load.first_dn, "the first agent's DN")->capture_default_str();
  agents->add_option("--customer", load.customer_dn, "who calls")->capture_default_str();
  agents->add_flag("--customer-registers", load.customer_registers, "the customer registers before he calls");
  agents->add_option("--password", settings->password, "of all of them; better in the environment")
      ->envname("SIDETONE_LAB_PASSWORD");
  agents->add_option("--rate", load.rate, "calls a second")
      ->capture_default_str()
      ->check(CLI::Range(0.01, 10000.0));
  agents->add_option("--calls", load.calls, "calls in all")
      ->capture_default_str()
      ->check(CLI::Range(1, 100000000));
  agents
      ->add_option("--script", settings->script,
                   "steps: ring S; talk S; hold S; dtmf DIGITS; hangup or customer-hangup")
      ->capture_default_str();
  agents->add_option("--codecs", load.codecs, "codecs.enabled.audio of all phones")->capture_default_str();
  agents->add_flag("--signalling-only", settings->signalling_only,
                   "no sound: descriptions name ports that nobody opens");
  agents->add_option_function<unsigned>(
      "--patience", [&load](const unsigned seconds) { load.patience = std::chrono::seconds(seconds); },
      "seconds for all lines to register, and for a call beyond its script (default 60)");
  agents->add_flag("--json", settings->json, "the report as JSON");
  agents->add_flag("--quiet", settings->quiet, "no line each second");
  agents->add_option("--log", settings->log_file, "log file, or stderr");
  return [settings] { return run(*settings); };
}

}  // namespace sidetone::lab
