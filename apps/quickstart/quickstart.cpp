// The smallest program on the SDK: registers one line, calls a number, hangs up after some seconds.
//
//   quickstart 7001@127.0.0.1:5060 7101 [seconds]
#include <sidetone/endpoint.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <variant>

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: quickstart USER@SERVER[:PORT] NUMBER [SECONDS]\n";
    return 2;
  }
  const std::string account = argv[1];
  const auto at = account.find('@');
  const auto seconds = std::chrono::seconds(argc > 3 ? std::atoi(argv[3]) : 5);

  sidetone::EndpointSettings settings;
  settings.lines.push_back({.user = account.substr(0, at), .server = account.substr(at + 1)});
  settings.sip_port_min = settings.sip_port_max = 0;  // any free port
  settings.audio.kind = sidetone::AudioSettings::Kind::none;

  sidetone::Endpoint endpoint(settings);
  if (auto problem = endpoint.start()) {
    std::cerr << problem->text << "\n" << problem->remedy << "\n";
    return 1;
  }

  using Clock = std::chrono::steady_clock;
  auto until = Clock::now() + std::chrono::seconds(10);
  bool connected = false;
  sidetone::CallId call;
  while (Clock::now() < until) {
    const auto event = endpoint.wait_event(std::chrono::milliseconds(100));
    if (!event) continue;
    if (const auto* line = std::get_if<sidetone::LineChanged>(&*event)) {
      if (line->line.state == sidetone::LineState::ready) endpoint.post(sidetone::Dial{.target = argv[2]});
    } else if (const auto* changed = std::get_if<sidetone::CallChanged>(&*event)) {
      call = changed->call.call;
      if (!connected && changed->call.state == sidetone::CallState::connected) {
        connected = true;
        std::cout << "connected, codec " << changed->call.codec << "\n";
        until = Clock::now() + seconds;
      }
    } else if (const auto* ended = std::get_if<sidetone::CallEnded>(&*event)) {
      std::cout << "ended, status " << ended->call.status << "\n";
      return connected ? 0 : 1;
    }
  }
  if (!connected) {
    std::cerr << "no connection\n";
    return 1;
  }
  endpoint.post(sidetone::HangUp{call});
  while (const auto event = endpoint.wait_event(std::chrono::seconds(5)))
    if (const auto* ended = std::get_if<sidetone::CallEnded>(&*event)) {
      std::cout << ended->call.quality.packets_received << " packets received, MOS "
                << ended->call.quality.mos << "\n";
      return 0;
    }
  return 1;
}
