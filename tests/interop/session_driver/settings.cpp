#include "settings.h"

#include "fields.h"

namespace sidetone::interop {
namespace {

using std::chrono::milliseconds;

void set_session_timer(const Fields& fields, sip::SessionTimerSettings& timer) {
  timer.enabled = fields.flag("session_timer", true);
  timer.expires = fields.seconds("session_expires", timer.expires);
  timer.min = fields.seconds("session_expires_min", timer.min);
}

sip::StackSettings stack_settings(const Fields& fields) {
  sip::StackSettings stack;
  stack.user_agent = "Sidetone-Driver";
  set_session_timer(fields, stack.session_timer);
  stack.redirects_max =
      static_cast<std::size_t>(fields.number("redirects_max", static_cast<int>(stack.redirects_max)));
  stack.info_packages = fields.texts("info_packages");
  stack.event_packages = fields.texts("event_packages");
  stack.subscription_expires_min = fields.seconds("subscription_expires_min", stack.subscription_expires_min);
  // Peers call each other here without a server, except where a script tests just that.
  if (!fields.flag("only_servers")) stack.guard.accept_from = sip::AcceptFrom::anyone;
  if (fields.has("transaction_timeout_ms")) {
    stack.timers.client_timeout = milliseconds(fields.number("transaction_timeout_ms"));
    stack.transport.connect_max = *stack.timers.client_timeout * 3 / 4;  // as the phone does
  }
  stack.recovery_spread = milliseconds(fields.number("recovery_spread_ms", 0));
  return stack;
}

net::TlsSettings tls_settings(const Fields& fields) {
  net::TlsSettings tls;
  tls.system_trust = false;
  tls.ca_file = fields.text("ca_file");
  tls.certificate_file = fields.text("certificate");
  if (!fields.flag("check_name", true)) tls.name_check = net::TlsNameCheck::none;
  return tls;
}

}  // namespace

DriverSettings settings_from(const boost::json::object& json) {
  const Fields fields(json);
  DriverSettings settings{.stack = stack_settings(fields), .log = fields.text("log")};
  if (fields.has("name_server"))
    settings.host.dns.servers = {Address::parse(fields.text("name_server"), 53).value()};
  if (fields.has("tls")) settings.tls = tls_settings(fields.object("tls"));
  return settings;
}

}  // namespace sidetone::interop
