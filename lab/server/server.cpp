#include "labserver/server.h"

namespace sidetone::lab {

namespace {

sip::StackSettings stack_settings(const ServerSettings& settings) {
  sip::StackSettings wanted;
  wanted.transport = settings.transport;
  wanted.timers = settings.timers;
  wanted.session_timer = settings.session_timer;
  wanted.user_agent = "Sidetone lab";
  wanted.server_role = true;
  // The caller gets 480 instead: a callee's Contact is no address for it.
  wanted.redirects_max = 0;
  return wanted;
}

// Requests of ours that relay nobody's, such as a leg check, come from the server itself.
sip::Account own_account(const ServerSettings& settings) {
  sip::Account account;
  account.uri = "sip:server@" + settings.realm;
  account.contact_user = "server";
  return account;
}

}  // namespace

Server::Server(ServerSettings settings, Random& random, LogSink& log, Time now)
    : settings_(std::move(settings)),
      stack_(stack_settings(settings_), random, log),
      registrar_(settings_, random),
      account_(stack_.add_account(own_account(settings_), now)),
      switchboard_(settings_, stack_, registrar_, account_, random, log),
      control_(settings_, stack_, registrar_, switchboard_, account_, random, log) {}

void Server::handle(const sip::Event& event, Time now) {
  if (control_.handle(event, now)) return;
  std::visit(
      [&](const auto& value) {
        using Value = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, sip::IncomingRequest>)
          handle(value, now);
        else if constexpr (std::is_same_v<Value, sip::IncomingRefer> ||
                           std::is_same_v<Value, sip::IncomingSubscribe>)
          // Relayed to the other leg as it is, or refused, like any request.
          handle(sip::IncomingRequest{value.id, value.account, value.session, value.request, value.flow},
                 now);
        else if constexpr (requires { switchboard_.on(value, now); })
          switchboard_.on(value, now);
        // RegistrationChanged: we register nowhere. OfferRetryDue: retries are the parties' own.
      },
      event);
}

void Server::handle(const sip::IncomingRequest& event, Time now) {
  if (event.session) {
    switchboard_.on(event, now);
    return;
  }
  sip::Response response;
  if (event.request->method() == sip::Method::register_) {
    response = registrar_.handle(*event.request, event.flow, now);
    tell_service_changes(now);
  } else {
    // RFC 3261 §21.4.6, §21.5.2
    response.status = event.request->method() == sip::Method::other ? 501 : 405;
    response.headers.push_back({"Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, REGISTER, INFO, UPDATE, PRACK"});
  }
  static_cast<void>(stack_.respond(event.id, std::move(response), now));
}

void Server::on_time(Time now) {
  registrar_.on_time(now);
  tell_service_changes(now);
  switchboard_.on_time(now);
  control_.on_time(now);
}

void Server::tell_service_changes(Time now) {
  for (const auto& change : registrar_.take_changes())
    control_.service_changed(change.dn, change.in_service, now);
}

std::optional<Deadline> Server::deadline() const {
  return earlier(earlier(registrar_.deadline(), switchboard_.deadline()), control_.deadline());
}

}  // namespace sidetone::lab
