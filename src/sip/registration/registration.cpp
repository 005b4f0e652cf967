#include "sip/registration/registration.h"

#include <fmt/format.h>

#include <algorithm>

#include "sip/dialog/next_hop.h"
#include "sip/message/headers.h"
#include "sip/message/option_tags.h"
#include "sip/registration/retry_delay.h"
#include "sip/registration/service_route.h"

namespace sidetone::sip {
namespace {

// As the product does it; it also lets a registrar that answers with haste finish the first transaction.
constexpr Duration correction_delay = std::chrono::milliseconds(100);

std::string registrar_of(const std::string& aor) {
  // §10.2: the Request-URI names the domain; no user part, no "@".
  const auto uri = Uri::parse(aor);
  if (!uri) return aor;
  return uri->port != 0 ? fmt::format("{}:{}:{}", uri->scheme_text, uri->host, uri->port)
                        : fmt::format("{}:{}", uri->scheme_text, uri->host);
}

std::optional<std::chrono::seconds> seconds_in(std::string_view value, std::string_view header) {
  const auto number = parse_delta(value, header);
  if (value.empty() || !number) return std::nullopt;
  return std::chrono::seconds(*number);
}

}  // namespace

Registration::Registration(StackCore& core, AccountPtr account)
    : core_(core),
      account_(std::move(account)),
      call_id_(core.random.token(24)),
      from_tag_(core.random.token(12)),
      wanted_(account_->account.register_expires) {}

void Registration::register_now(Time now) {
  unregister_next_ = false;
  failures_ = refusals_ = 0;  // who asks has mended something
  outbound_refused_ = false;
  // §10.2: no new REGISTER before the final response to the one before.
  if (in_flight_) {
    register_next_ = true;
    return;
  }
  start_cycle(now);
}

// A bound line refreshes quietly; one that is not starts a cycle.
void Registration::again(Time when, std::string_view why) {
  timer_ = core_.timers.start(when, why, [this](Time then) {
    if (!bound_) return start_cycle(then);
    brief_answers_ = 0;
    send(wanted_, then);
  });
}

void Registration::refresh_soon(Time now) {
  if (unregistering_ || unregister_next_ || (!bound_ && !timer_.running() && !in_flight_)) return;
  if (in_flight_) {
    register_next_ = true;
    return;
  }
  const auto spread = static_cast<std::uint64_t>(core_.settings.recovery_spread.count());
  again(now + Duration(core_.random.below(spread + 1)), "register_recover");
}

void Registration::move(Time now) {
  if (unregistering_ || unregister_next_ || (!bound_ && !timer_.running() && !in_flight_)) return;
  call_id_ = core_.random.token(24);
  from_tag_ = core_.random.token(12);
  correcting_ = true;
  if (in_flight_) {
    register_next_ = true;
    return;
  }
  again(now + correction_delay, "register_move");
}

void Registration::start_cycle(Time now) {
  timer_.stop();
  register_next_ = false;
  brief_answers_ = 0;
  announce(RegistrationState::registering, 0, {});
  send(wanted_, now);
}

void Registration::server_lost(Time now) {
  if (bound_ && !in_flight_ && !unregistering_) start_cycle(now);
}

void Registration::unregister(Time now) {
  timer_.stop();
  register_next_ = false;
  if (in_flight_) {
    unregister_next_ = !unregistering_;
    return;
  }
  unregister_next_ = false;
  if (!bound_) return announce(RegistrationState::unregistered, 0, {});
  announce(RegistrationState::unregistering, 0, {});
  unregistering_ = true;
  send(std::chrono::seconds(0), now);
}

void Registration::account_changed(Time now) {
  wanted_ = account_->account.register_expires;
  if (wanted_.count() > 0) return register_now(now);
  unregister(now);
}

void Registration::send(std::chrono::seconds expires, Time now) {
  const auto& account = account_->account;
  const auto registrar = registrar_of(account.uri);
  const auto hop = account.server ? account.server : next_hop_of(registrar);
  if (!hop) return on_response(Outcome{503, nullptr, {}, "the account names no server"}, now);
  const auto name = write_name_addr(account.display_name, account.uri);
  auto request = Message::request(Method::register_, registrar);
  request.add(HeaderId::max_forwards, "70");
  request.add(HeaderId::from, fmt::format("{};tag={}", name, from_tag_));
  request.add(HeaderId::to, name);
  request.add(HeaderId::call_id, call_id_);
  core_.name_in_log(account_.get(), {}, call_id_);
  request.add(HeaderId::cseq, fmt::format("{} REGISTER", ++cseq_));
  contact_uri_ = StackCore::contact_uri(account_.get(), core_.transactions.transport().sent_by(*hop),
                                        hop->flow ? hop->flow->transport : hop->transport);
  auto contact = StackCore::contact_value(account_.get(), contact_uri_);
  if (wants_outbound()) contact += ";reg-id=1";  // RFC 5626 §4.2.1
  request.add(HeaderId::contact, contact);
  request.add(HeaderId::expires, std::to_string(expires.count()));
  core_.add_capabilities(request, false);
  request.add(HeaderId::supported, supported_value(SupportedIn::registrations));
  if (wants_outbound()) request.add(HeaderId::supported, "outbound");
  core_.add_product(request);
  in_flight_ = true;
  core_.send(
      std::move(request), *hop, account_, [this] { return ++cseq_; },
      [weak = weak_from_this()](const Outcome& outcome, Time then) {
        if (const auto self = weak.lock()) self->on_response(outcome, then);
      },
      now);
}

void Registration::on_response(const Outcome& outcome, Time now) {
  if (!outcome.is_final()) return;
  in_flight_ = false;
  if (outcome.message) {
    account_->flow = outcome.flow;
    core_.learn_server(*account_, outcome.flow.remote.ip, now);
  }
  if (unregistering_) {
    on_unregistered(outcome, now);
  } else if (outcome.is_success() && outcome.proof == DigestClient::Proof::wrong) {
    on_unproved(outcome, now);
  } else if (outcome.status == 439 && wants_outbound() && !unregister_next_) {
    // RFC 5626 §11.6: the first hop does not speak it; a plain registration does.
    outbound_refused_ = true;
    send(wanted_, now);
  } else if (outcome.is_success() && granted(*outcome.message).count() > 0) {
    on_registered(outcome, now);
  } else if (outcome.status == 423 && !unregister_next_) {
    on_too_brief(outcome, now);
  } else {
    on_failure(outcome, now);
  }
  if (in_flight_) return;
  if (unregister_next_) return unregister(now);
  if (register_next_) start_cycle(now);
}

// §10.2.4, §10.3: our own binding's expires parameter, else the Expires header, else what we asked for.
std::chrono::seconds Registration::granted(const Message& response) const {
  const auto ours = Uri::parse(contact_uri_);
  for (const auto value : response.values(HeaderId::contact)) {
    const auto contact = NameAddr::parse(value);
    if (!contact || contact->is_star || !ours || !contact->uri.equivalent(*ours)) continue;
    if (const auto expires = seconds_in(contact->params.get("expires"), "Contact")) return *expires;
  }
  return seconds_in(response.value(HeaderId::expires), "Expires").value_or(wanted_);
}

void Registration::on_registered(const Outcome& outcome, Time now) {
  bound_ = true;
  failures_ = refusals_ = 0;
  auto routes = service_route_of(*outcome.message);
  const bool routes_changed = routes != account_->service_route;
  account_->service_route = std::move(routes);
  if (routes_changed) core_.know(*account_);
  account_->outbound_in_use = wants_outbound() && outcome.message->lists(HeaderId::require, "outbound");
  const auto expires = granted(*outcome.message);
  const Duration refresh = std::max<Duration>(Duration(expires) * 2 / 3, std::chrono::seconds(1));
  timer_ = core_.timers.start(now + refresh, "register_refresh", [this](Time then) {
    brief_answers_ = 0;
    send(wanted_, then);
  });
  announce(RegistrationState::registered, outcome.status, outcome.text, expires);
  if (core_.take_flow_facts(*account_, outcome, std::exchange(correcting_, false), now)) {
    correcting_ = true;
    again(now + correction_delay, "register_correct");
  }
}

void Registration::on_too_brief(const Outcome& outcome, Time now) {
  // §10.2.8. Bound: a registrar that keeps raising its minimum is a failure.
  const auto least = outcome.message
                         ? seconds_in(outcome.message->value(HeaderId::min_expires), "Min-Expires")
                         : std::nullopt;
  if (!least || *least <= wanted_ || ++brief_answers_ > 2) return on_failure(outcome, now);
  wanted_ = *least;
  send(wanted_, now);
}

void Registration::on_failure(const Outcome& outcome, Time now) {
  ++failures_;
  FailedRegistration failed;
  failed.interval = unregister_next_ ? Duration{0} : Duration(account_->account.register_retry);
  failed.refused_credentials = outcome.status == 401 || outcome.status == 403 || outcome.status == 407;
  refusals_ = failed.refused_credentials ? refusals_ + 1 : 0;
  failed.failures = failed.refused_credentials ? refusals_ : failures_;
  failed.outbound = wants_outbound();
  if (outcome.message)
    failed.retry_after = seconds_in(outcome.message->value(HeaderId::retry_after), "Retry-After");
  const auto retry_in = retry_delay(failed, core_.random);
  if (retry_in)
    timer_ = core_.timers.start(now + *retry_in, "register_retry", [this](Time then) { start_cycle(then); });
  core_.note(LogLevel::warning, LogTag::reg, now, account_->id.value, 0,
             fmt::format("registration failed: {} {}", outcome.status, outcome.text));
  announce(RegistrationState::failed, outcome.message ? outcome.status : 0, outcome.text, {}, retry_in);
}

// RFC 7616 §3.5: whoever answered does not know the password; it may hold our binding even so.
void Registration::on_unproved(const Outcome& outcome, Time now) {
  bound_ = true;
  auto refused = outcome;
  refused.text = "the server has not proved that it knows the password (rspauth)";
  on_failure(refused, now);
}

void Registration::on_unregistered(const Outcome& outcome, Time) {
  unregistering_ = false;
  bound_ = false;
  core_.release_flow(*account_);
  account_->service_route.clear();
  account_->outbound_in_use = false;
  announce(RegistrationState::unregistered, outcome.message ? outcome.status : 0, outcome.text);
}

void Registration::announce(RegistrationState state, int status, std::string text,
                            std::chrono::seconds expires, std::optional<Duration> retry_in) {
  core_.emit(RegistrationChanged{account_->id, state, status, std::move(text), expires, retry_in});
}

}  // namespace sidetone::sip
