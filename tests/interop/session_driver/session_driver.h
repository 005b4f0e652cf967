// One stack on real sockets, steered by commands and telling its events, both as JSON objects.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <string>

#include "command_result.h"
#include "engine/sip_host.h"
#include "engine/steady_time.h"
#include "engine/system_random.h"
#include "settings.h"
#include "sip/stack.h"

namespace sidetone::interop {

class Fields;

class SessionDriver {
 public:
  using Tell = std::function<void(boost::json::object)>;

  SessionDriver(boost::asio::io_context& io, DriverSettings settings, LogSink& log,
                const engine::SteadyTime& clock, Tell tell);

  // Binds UDP and TCP on one port of 127.0.0.1, TLS when there is a certificate, and tells the ports.
  Expected<void> start();
  // One line of input. Tells `done` with what the command made, or `command_failed`, and then the events.
  void carry_out(std::string_view line);

 private:
  using Result = CommandResult;
  using Command = Result (SessionDriver::*)(const Fields&);
  static Command find_command(std::string_view name);

  Result line(const Fields&);
  Result register_now(const Fields&);
  Result unregister(const Fields&);

  Result invite(const Fields&);
  Result ack(const Fields&);
  Result prack(const Fields&);
  Result provisional(const Fields&);
  Result accept(const Fields&);
  Result reject(const Fields&);
  Result offer(const Fields&);
  Result repeat_offer(const Fields&);
  Result answer_offer(const Fields&);
  Result refuse_offer(const Fields&);
  Result end(const Fields&);

  Result request(const Fields&);
  Result respond(const Fields&);
  Result refer(const Fields&);
  Result accept_refer(const Fields&);
  Result notify_refer(const Fields&);
  Result subscribe(const Fields&);
  Result unsubscribe(const Fields&);
  Result accept_subscription(const Fields&);
  Result notify(const Fields&);
  Result publish(const Fields&);
  Result republish(const Fields&);
  Result unpublish(const Fields&);

  Result dialog(const Fields&);
  Result counters(const Fields&);

  [[nodiscard]] Time now() const { return host_.now(); }

  DriverSettings settings_;
  engine::SystemRandom random_;
  sip::Stack stack_;
  engine::SipHost host_;
  sip::TlsProfileId tls_;
  Tell tell_;
};

}  // namespace sidetone::interop
