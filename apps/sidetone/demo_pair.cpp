#include "demo_pair.h"

namespace sidetone::app {

DemoPhone::DemoPhone(boost::asio::io_context& io, const engine::SteadyTime& clock, Random& random,
                     LogSink& log, const DemoRole& role, const Address& server, const std::string& codec)
    : clock_(clock) {
  engine::PhoneSettings settings;
  endpoint::CoreLine line;
  line.user = role.dn;
  line.server_host = server.ip.to_string();
  line.server_port = server.port;
  settings.core.lines.push_back(std::move(line));
  settings.core.codecs = *codec::parse_enabled(codec);
  settings.sip_port_min = settings.sip_port_max = 0;
  settings.rtp_port_min = 32768;
  settings.rtp_port_max = 60000;
  settings.choose_media = [role](const endpoint::OpenMedia&) {
    return engine::MediaChoice{media::FromFile{role.speaks, false}, media::ToFile{role.records}};
  };
  engine_ = std::make_unique<engine::PhoneEngine>(io, std::move(settings), clock, random, log,
                                                  [this](const Event& event) { on(event); });
}

Expected<void> DemoPhone::start() {
  started_at_ = clock_.now();
  return engine_->start();
}

void DemoPhone::on(const Event& event) {
  if (const auto* line = std::get_if<LineChanged>(&event)) {
    if (line->line.state == LineState::ready && !registered_at_) registered_at_ = clock_.now();
    if (line->line.state == LineState::failed) trouble_ = "registration failed: " + line->line.text;
  } else if (const auto* added = std::get_if<CallAdded>(&event)) {
    call_ = added->call;
  } else if (const auto* changed = std::get_if<CallChanged>(&event)) {
    call_ = changed->call;
    if (changed->call.state == CallState::connected && !connected_at_) connected_at_ = clock_.now();
  } else if (const auto* ended = std::get_if<CallEnded>(&event)) {
    call_ = ended->call;
  } else if (const auto* failed = std::get_if<CommandFailed>(&event)) {
    trouble_ = failed->command + ": " + failed->problem.text;
  } else if (std::holds_alternative<Stopped>(event)) {
    stopped_ = true;
  }
}

}  // namespace sidetone::app
