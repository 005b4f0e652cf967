// The headless agent phone: events as JSON lines on stdout, commands as JSON lines on stdin, until SIGTERM or
// a stop command. Ends with calls hung up and lines unregistered.
#include <poll.h>
#include <sys/signalfd.h>

#include <boost/json/serialize.hpp>
#include <csignal>
#include <string>

#include "command.h"
#include "connector/configuration_json.h"
#include "connector/json.h"
#include "labhost/numbers.h"
#include "phone_options.h"
#include "wake_pipe.h"

namespace sidetone::app {
namespace {

int signal_descriptor() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);                    // the configuration has changed, as daemons take it
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread is there, so that all inherit it
  std::signal(SIGPIPE, SIG_IGN);  // a reader of stdout that leaves is no reason to drop a call
  return ::signalfd(-1, &signals, SFD_CLOEXEC);
}

class HeadlessPhone {
 public:
  HeadlessPhone(EndpointSettings settings, int signals) : signals_(signals), endpoint_(std::move(settings)) {}

  int run() {
    endpoint_.set_wake([this] { wake_.wake(); });
    if (auto problem = endpoint_.start()) {
      fmt::print(stderr, "sidetone: {}: {}\n", problem->layer, problem->text);
      if (!problem->remedy.empty()) fmt::print(stderr, "  {}\n", problem->remedy);
      return 1;
    }
    wake_.wake();
    while (!stopped_) wait_and_work();
    return 0;
  }

 private:
  void wait_and_work() {
    pollfd ready[] = {
        {wake_.descriptor(), POLLIN, 0}, {signals_, POLLIN, 0}, {input_open_ ? 0 : -1, POLLIN, 0}};
    if (::poll(ready, 3, -1) < 0) return;
    if (ready[0].revents != 0) take_events();
    if (ready[1].revents != 0) take_signal();
    if (ready[2].revents != 0) take_input();
  }

  void take_events() {
    wake_.clear();
    while (auto event = endpoint_.poll_event()) {
      if (const auto* started = std::get_if<Started>(&*event)) engine_ = started->engine;
      if (std::holds_alternative<Stopped>(*event)) stopped_ = true;
      print(connector::to_json(*event, engine_));
    }
  }

  void take_signal() {
    signalfd_siginfo info{};
    if (::read(signals_, &info, sizeof info) != sizeof info) return;
    if (info.ssi_signo == SIGHUP) return endpoint_.reload();
    endpoint_.post(Stop{});
  }

  void take_input() {
    char bytes[4096];
    const auto count = ::read(0, bytes, sizeof bytes);
    if (count <= 0) {
      input_open_ = false;  // a service has no stdin: the phone goes on
      return;
    }
    input_.append(bytes, static_cast<std::size_t>(count));
    for (auto end = input_.find('\n'); end != std::string::npos; end = input_.find('\n')) {
      take_line(input_.substr(0, end));
      input_.erase(0, end + 1);
    }
    // Bound: a writer that never ends its line must not fill the memory.
    constexpr std::size_t line_bytes_max = 65536;
    if (input_.size() > line_bytes_max) input_.clear();
  }

  void take_line(const std::string& line) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) return;
    endpoint_.log(4, "stdin <<<<< " + line);
    if (line.find("\"snapshot\"") != std::string::npos && line.find("command") != std::string::npos) {
      auto json = connector::to_json(endpoint_.snapshot(), engine_);
      json["event"] = "snapshot";
      return print(json);
    }
    if (is_history(line)) return show_history();
    const auto snapshot = endpoint_.snapshot();
    const CallId only = snapshot.calls.size() == 1 ? snapshot.calls.front().call : CallId{};
    if (const auto asked = connector::statistics_asked(line, engine_, only)) return show_statistics(*asked);
    if (const auto asked = connector::configuration_asked(line)) return configure(*asked);
    auto command = connector::command_from_json(line, engine_, only);
    if (command) return endpoint_.post(std::move(*command));
    refuse("", command.error());
  }

  void configure(const Expected<connector::ConfigurationAsked>& asked) {
    if (!asked) return refuse("set_options", asked.error());
    if (const auto* options = std::get_if<std::vector<OptionValue>>(&*asked))
      return endpoint_.set_options(*options);
    const auto* option = std::get_if<connector::OptionAsked>(&*asked);
    if (option == nullptr) return endpoint_.reload();
    const auto value = endpoint_.option(option->path);
    if (!value)
      return refuse("option",
                    {Fault::not_found, Layer::config, fmt::format("there is no option {}", option->path),
                     "sidetone check-config --explain tells their names"});
    print({{"event", "option"}, {"path", option->path}, {"value", *value}});
  }

  static bool is_history(const std::string& line) {
    const auto json = connector::parse_object(line);
    const auto* name = json ? json->if_contains("command") : nullptr;
    return name != nullptr && name->is_string() && name->get_string() == "history";
  }

  void show_history() {
    boost::json::array calls;
    for (const auto& record : endpoint_.history()) calls.push_back(connector::to_json(record, engine_));
    print({{"event", "history"}, {"calls", std::move(calls)}});
  }

  void show_statistics(const Expected<CallId>& call) {
    if (!call) return refuse("statistics", call.error());
    const auto statistics = endpoint_.statistics(*call);
    if (!statistics)
      return refuse("statistics", {Fault::not_found, Layer::media, "this call has no media",
                                   "ask while it is alive; call_ended brings its last figures"});
    print({{"event", "statistics"},
           {"call", connector::call_id_text(engine_, *call)},
           {"statistics", connector::to_json(*statistics)}});
  }

  void refuse(std::string command, const Error& error) {
    const Problem problem{"command", std::string(to_string(error.fault)), error.text, error.remedy};
    print(connector::to_json(Event(CommandFailed{std::move(command), {}, problem}), engine_));
  }

  void print(const boost::json::object& json) {
    const auto text = boost::json::serialize(json);
    fmt::print("{}\n", text);
    std::fflush(stdout);
    endpoint_.log(4, "stdout >>>>> " + text);
  }

  int signals_;
  WakePipe wake_;
  Endpoint endpoint_;  // behind what its thread wakes: it ends first
  std::string engine_, input_;
  bool input_open_ = true;
  bool stopped_ = false;
};

int run_phone(const PhoneOptions& options) {
  const int signals = signal_descriptor();
  auto setup = set_up(options);
  if (!setup) return complain(setup.error());
  if (setup->lab) {
    fmt::print(stderr, "No configuration: this phone is DN {} in an embedded lab. Dial, for example,\n",
               options.user);
    for (const auto& number : lab::numbers) fmt::print(stderr, "  {}  {}\n", number.dn, number.what);
    fmt::print(stderr, "by a line such as  {{\"command\":\"dial\",\"target\":\"{}\"}}\n", lab::echo_dn);
  }
  HeadlessPhone phone(std::move(setup->settings), signals);
  return phone.run();
}

}  // namespace

void add_phone(CLI::App& app, Run& run) {
  auto options = std::make_shared<PhoneOptions>();
  auto* command = app.add_subcommand("phone", "the headless agent phone: JSON events out, JSON commands in");
  add_phone_options(*command, *options);
  command->footer(
      "Without a configuration file and without --server an embedded lab is the contact centre.\n"
      R"(Commands, one JSON object per line: {"command": "dial", "target": "7101"}; also answer, reject, hang_up,)"
      "\n"
      R"(hang_up_all, hold, resume, swap, mute, unmute, redirect ("target"), transfer ("target": blindly), dial with)"
      "\n"
      R"("related_call" (its id): to consult, complete_transfer ("call", "consult": their ids), confer,)"
      "\n"
      R"(leave_conference, record ("path": WAV, none: ends it), play_file ("path", "loop": true or false) to the far)"
      "\n"
      R"(end, dtmf ("digits"), register ("line"), choose_devices ("microphone", "speaker": ids, none: by)"
      "\n"
      R"(configuration), process_voice ("gain_control", "echo_control", "noise_suppression": true or false),)"
      "\n"
      R"(ringer_volume ("percent"), test_ringer, snapshot, statistics, history, stop;)"
      "\n"
      R"(reload, set_options ("options": {"policy.session.auto_answer": "1"}), option ("path").)"
      "\n"
      R"(Those for a call take "call": its id; it may be left out while exactly one call is alive.)"
      "\n"
      "A changed configuration file is read by itself, and again on SIGHUP; calls go on.\n"
      "SIGTERM and SIGINT hang up, unregister and exit with 0.");
  command->callback([&run, options] { run = [options] { return run_phone(*options); }; });
}

}  // namespace sidetone::app
