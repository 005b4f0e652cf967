// The contact centre's SIP server, as the lab and the simulator run it: registrar, back-to-back user agent,
// fixed routes, third-party call control. Sans-IO like the stack that it owns:
//
//   server.stack().transport().datagram(...); server.stack().run(now);
//   while (auto event = server.stack().poll_event()) server.handle(*event, now);
//   while (auto io = server.stack().poll_io()) driver.carry_out(*io);
//   ... on_time(now) at the earlier of deadline() and stack().deadline(), then the two loops again.
#pragma once

#include <memory>

#include "base/log.h"
#include "base/random.h"
#include "labserver/control.h"
#include "labserver/registrar.h"
#include "labserver/settings.h"
#include "labserver/switchboard.h"
#include "sip/stack.h"

namespace sidetone::lab {

class Server {
 public:
  Server(ServerSettings settings, Random& random, LogSink& log, Time now);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] sip::Stack& stack() { return stack_; }
  [[nodiscard]] const sip::Stack& stack() const { return stack_; }
  void handle(const sip::Event& event, Time now);
  // The server's own timers; the stack's are the stack's.
  void on_time(Time now);
  [[nodiscard]] std::optional<Deadline> deadline() const;

  // Third-party call control: each request ends in the events of its success or in one EventError with its
  // reference_id. Events of calls that phones make by themselves come, too.
  void request(const tlib::Request& request, Time now) { control_.request(request, now); }
  std::optional<tlib::Event> poll_tlib_event() { return control_.poll_event(); }

  void end_all_calls(Time now) { switchboard_.end_all(now); }
  // A route that became known after the start: the media server has its port then.
  void add_route(Route route) { settings_.routes.push_back(std::move(route)); }

  // --- facts
  [[nodiscard]] const ServerSettings& settings() const { return settings_; }
  [[nodiscard]] std::vector<std::string> registered(Time now) const { return registrar_.registered(now); }
  [[nodiscard]] std::vector<Binding> bindings(std::string_view dn, Time now) const {
    return registrar_.lookup(dn, now);
  }
  [[nodiscard]] std::size_t active_calls() const { return switchboard_.active_calls(); }
  [[nodiscard]] std::vector<CallFacts> active() const { return switchboard_.calls(); }
  // Calls that are over, oldest first: each INVITE that passed the gate becomes one record.
  [[nodiscard]] const std::deque<CallRecord>& records() const { return switchboard_.records(); }
  [[nodiscard]] const Switchboard::Counters& calls() const { return switchboard_.counters(); }
  [[nodiscard]] std::size_t flows() const { return control_.flows(); }  // requests under way
  [[nodiscard]] const Registrar::Counters& registrations() const { return registrar_.counters(); }

 private:
  void tell_service_changes(Time now);
  void handle(const sip::IncomingRequest& event, Time now);

  ServerSettings settings_;
  sip::Stack stack_;
  Registrar registrar_;
  sip::AccountId account_;  // requests of our own
  Switchboard switchboard_;
  Control control_;
};

}  // namespace sidetone::lab
