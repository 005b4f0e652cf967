// One call from the command line: dials, speaks a file or the microphone, tells what happened.
#include "command.h"
#include "connector/json_names.h"
#include "phone_options.h"

namespace sidetone::app {
namespace {

struct CallOptions {
  PhoneOptions phone;
  std::string target, digits;
  int seconds = 10, patience = 30;
  bool hold = false;
};

class OneCall {
 public:
  explicit OneCall(const CallOptions& options, EndpointSettings settings)
      : options_(options), endpoint_(std::move(settings)) {}

  int run() {
    if (auto problem = endpoint_.start()) {
      fmt::print(stderr, "sidetone: {}: {}\n", problem->layer, problem->text);
      if (!problem->remedy.empty()) fmt::print(stderr, "  {}\n", problem->remedy);
      return 1;
    }
    auto until = Clock::now() + std::chrono::seconds(options_.patience);
    if (options_.phone.no_register) dial();
    while (Clock::now() < until) {
      const auto event = endpoint_.wait_event(std::chrono::milliseconds(100));
      if (!event) continue;
      std::visit([&](const auto& what) { on(what); }, *event);
      if (ended_) return connected_ ? 0 : 1;
      if (refused_) return 1;
      if (std::exchange(just_connected_, false))
        until = Clock::now() + std::chrono::seconds(options_.seconds);
    }
    if (!connected_) {
      fmt::print(stderr, "no answer within {} s\n", options_.patience);
      return 1;
    }
    return hang_up();
  }

 private:
  using Clock = std::chrono::steady_clock;

  void dial() {
    dialled_ = true;
    endpoint_.post(Dial{options_.target, {}});
  }

  int hang_up() {
    endpoint_.post(HangUp{call_});
    while (!ended_) {
      const auto event = endpoint_.wait_event(std::chrono::seconds(5));
      if (!event) return 1;
      std::visit([&](const auto& what) { on(what); }, *event);
    }
    return 0;
  }

  void on(const LineChanged& event) {
    fmt::print("line {} {}@{}: {}{}{}\n", event.line.line.index, event.line.user, event.line.server,
               connector::name_of(event.line.state), event.line.text.empty() ? "" : ", ", event.line.text);
    if (event.line.state == LineState::ready && !dialled_) dial();
    if (event.line.state == LineState::failed && !dialled_) refused_ = true;
  }
  void on(const CallAdded& event) { call_ = event.call.call; }
  void on(const CallChanged& event) {
    if (event.call.state == last_) return;
    last_ = event.call.state;
    fmt::print("call to {}: {}{}{}{}{}\n", event.call.remote_number, connector::name_of(event.call.state),
               event.call.codec.empty() ? "" : ", ", event.call.codec,
               event.call.srtp_suite.empty() ? "" : ", secured by ", event.call.srtp_suite);
    if (event.call.state != CallState::connected) return;
    connected_ = just_connected_ = true;
    if (!options_.digits.empty()) endpoint_.post(SendDtmf{call_, options_.digits});
  }
  void on(const CallEnded& event) {
    const auto& q = event.call.quality;
    fmt::print("ended: {}{}\n", connector::name_of(event.call.end_reason),
               event.call.status == 0 ? std::string() : fmt::format(", status {}", event.call.status));
    fmt::print("sent {} packets, received {}, lost {}, jitter {} ms, MOS {:.2f}\n", q.packets_sent,
               q.packets_received, q.packets_lost, q.jitter.count() / 1000, q.mos);
    ended_ = true;
  }
  void on(const CommandFailed& event) {
    fmt::print(stderr, "sidetone: {}: {}\n", event.command, event.problem.text);
    if (event.command == "dial" && !call_) refused_ = true;
  }
  void on(const Warning& event) { fmt::print(stderr, "sidetone: warning: {}\n", event.problem.text); }
  void on(const QualityAlarm& event) {
    fmt::print("voice quality {}: MOS {:.1f}, threshold {:.1f}\n", event.on ? "is poor" : "is good again",
               event.mos, event.threshold);
  }
  void on(const DtmfReceived& event) {
    fmt::print("digit {} by {}\n", event.digit, connector::name_of(event.method));
  }
  void on(const DtmfSent& event) { fmt::print("digits sent by {}\n", connector::name_of(event.method)); }
  template <typename Other>
  void on(const Other&) {}

  const CallOptions& options_;
  Endpoint endpoint_;
  CallId call_;
  CallState last_ = CallState::dialing;
  bool dialled_ = false, connected_ = false, just_connected_ = false, ended_ = false, refused_ = false;
};

int run_call(const CallOptions& options) {
  auto setup = set_up(options.phone);
  if (!setup) return complain(setup.error());
  return OneCall(options, std::move(setup->settings)).run();
}

}  // namespace

void add_call(CLI::App& app, Run& run) {
  auto options = std::make_shared<CallOptions>();
  auto* command = app.add_subcommand("call", "make one call and tell how it went");
  command->add_option("target", options->target, "number, user@host or sip: address")->required();
  command->add_option("--seconds", options->seconds, "how long to stay connected")->capture_default_str();
  command->add_option("--patience", options->patience, "how long to wait for the answer, in seconds")
      ->capture_default_str();
  command->add_option("--dtmf", options->digits, "digits to send once connected");
  add_phone_options(*command, options->phone);
  command->footer("Exit code: 0 the call was answered, 1 it was not.");
  command->callback([&run, options] { run = [options] { return run_call(*options); }; });
}

}  // namespace sidetone::app
