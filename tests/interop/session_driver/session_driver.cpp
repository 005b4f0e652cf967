#include "session_driver.h"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <exception>
#include <stdexcept>
#include <utility>

#include "event_json.h"
#include "fields.h"

namespace sidetone::interop {

SessionDriver::SessionDriver(boost::asio::io_context& io, DriverSettings settings, LogSink& log,
                             const engine::SteadyTime& clock, Tell tell)
    : settings_(std::move(settings)),
      stack_(settings_.stack, random_, log),
      host_(io, stack_, clock, settings_.host, log),
      tell_(std::move(tell)) {
  host_.set_hooks({.on_event = [this](sip::Event&& event, Time) { tell_(to_json(event)); }});
}

Expected<void> SessionDriver::start() {
  const auto loopback = IpAddress::loopback_v4();
  const auto bound = host_.bind_both(loopback, 0, 0);
  if (!bound) return tl::make_unexpected(bound.error());
  stack_.set_addresses({loopback});
  boost::json::object started{{"event", "started"}, {"port", bound->local.port}};
  if (settings_.tls) {
    const auto profile = host_.add_tls_profile(*settings_.tls);
    if (!profile) return tl::make_unexpected(profile.error());
    tls_ = *profile;
    if (!settings_.tls->certificate_file.empty()) {
      const auto listening = host_.listen_tls({loopback, 0}, tls_);
      if (!listening) return tl::make_unexpected(listening.error());
      started["tls_port"] = listening->local.port;
    }
  }
  tell_(std::move(started));
  return {};
}

SessionDriver::Command SessionDriver::find_command(std::string_view name) {
  using Driver = SessionDriver;
  static constexpr std::array<std::pair<std::string_view, Command>, 28> commands{{
      {"line", &Driver::line},
      {"register", &Driver::register_now},
      {"unregister", &Driver::unregister},
      {"invite", &Driver::invite},
      {"ack", &Driver::ack},
      {"prack", &Driver::prack},
      {"provisional", &Driver::provisional},
      {"accept", &Driver::accept},
      {"reject", &Driver::reject},
      {"offer", &Driver::offer},
      {"repeat_offer", &Driver::repeat_offer},
      {"answer_offer", &Driver::answer_offer},
      {"refuse_offer", &Driver::refuse_offer},
      {"end", &Driver::end},
      {"request", &Driver::request},
      {"respond", &Driver::respond},
      {"refer", &Driver::refer},
      {"accept_refer", &Driver::accept_refer},
      {"notify_refer", &Driver::notify_refer},
      {"subscribe", &Driver::subscribe},
      {"unsubscribe", &Driver::unsubscribe},
      {"accept_subscription", &Driver::accept_subscription},
      {"notify", &Driver::notify},
      {"publish", &Driver::publish},
      {"republish", &Driver::republish},
      {"unpublish", &Driver::unpublish},
      {"dialog", &Driver::dialog},
      {"counters", &Driver::counters},
  }};
  const auto* found = std::find_if(commands.begin(), commands.end(),
                                   [&](const auto& command) { return command.first == name; });
  return found != commands.end() ? found->second : nullptr;
}

void SessionDriver::carry_out(std::string_view line) {
  std::string name;
  boost::json::object answer;
  try {
    const auto json = boost::json::parse(line);
    const Fields fields(json.as_object());
    name = fields.text("command");
    const auto command = find_command(name);
    if (command == nullptr) throw std::invalid_argument("no such command");
    auto result = (this->*command)(fields);
    if (result)
      answer = std::move(*result);
    else
      answer = {{"event", "command_failed"}, {"text", describe(result.error())}};
  } catch (const std::exception& error) {
    answer = {{"event", "command_failed"}, {"text", error.what()}};
  }
  answer.emplace("event", "done");
  answer["command"] = name;
  tell_(std::move(answer));
  host_.drain();
}

}  // namespace sidetone::interop
