// What the SIP core tells: registrations, calls that come in, and each call's signalling.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "endpoint/call_end.h"
#include "endpoint/endpoint_core.h"
#include "endpoint/incoming_parties.h"
#include "endpoint/info_digit.h"
#include "endpoint/sip_leg.h"
#include "sip/message/headers.h"

namespace sidetone::endpoint {
namespace {

// By this name the server and its clients know the call; it changes when calls are merged.
void learn_uuid(Call& call, const sip::MessagePtr& message) {
  if (message) call.learn_uuid(message->value(sip::HeaderId::x_genesys_calluuid));
}

LineState state_of(sip::RegistrationState state) {
  switch (state) {
    case sip::RegistrationState::registering: return LineState::registering;
    case sip::RegistrationState::registered: return LineState::ready;
    case sip::RegistrationState::failed: return LineState::failed;
    case sip::RegistrationState::unregistering: return LineState::unregistering;
    case sip::RegistrationState::unregistered: return LineState::disabled;
  }
  return LineState::failed;
}

// "Unauthorized" tells an agent nothing.
std::string failure_text(const sip::RegistrationChanged& event, const CoreLine& line) {
  if (event.status != 401 && event.status != 407) return event.text;
  return line.password.empty() ? fmt::format("the server wants a password for {}, and none is set", line.user)
                               : fmt::format("the server does not accept the password of {}", line.user);
}

}  // namespace

void EndpointCore::handle(sip::Event event, Time now) {
  std::visit([&](const auto& what) { on(what, now); }, event);
  after_input(now);
}

void EndpointCore::on(const sip::RegistrationChanged& event, Time now) {
  for (auto& line : lines_) {
    if (line.account != event.account) continue;
    // A registrar that refuses us or is silent must not keep the calls mute.
    if (event.state == sip::RegistrationState::registered || event.state == sip::RegistrationState::failed)
      move_calls(line, now);
    LineSnapshot shown = line.shown;
    shown.state = state_of(event.state);
    shown.status = event.status;
    shown.text = event.state == sip::RegistrationState::failed ? failure_text(event, line.settings) : "";
    if (shown == line.shown) return;
    line.shown = std::move(shown);
    outbox_.tell(LineChanged{line.shown});
  }
}

void EndpointCore::on(const sip::AddressSeen& event, Time now) {
  const auto line = line_of(event.account);
  if (!line || event.as != sip::SeenAs::translated) return;  // own addresses: the engine moves the line
  log_.write({now, LogLevel::info, LogTag::reg, line->index, 0,
              fmt::format("the server sees this line at {}", event.address.to_string())});
}

std::optional<EndpointCore::Refusal> EndpointCore::refusal_of_new_call(bool replaces) const {
  if (stop_by_) return Refusal{480, {}};
  if (calls_.size() >= settings_->calls_max) return Refusal{486, {}};
  if (replaces) return {};
  // The guide, "Rejecting a call". A missing headset comes before busy: the call could not be taken anyway.
  if (auto verdict = devices_.should_answer(false); verdict.answer == device::ShouldAnswer::no)
    return Refusal{devices_.refusal_status(), std::move(verdict.reason)};
  if (!settings_->reject_when_busy) return {};
  const auto active = std::count_if(calls_.begin(), calls_.end(), [](const auto& entry) {
    return entry.second->state() != CallState::ended;
  });
  if (static_cast<std::size_t>(active) >= settings_->busy_sessions)
    return Refusal{settings_->busy_status, {}};
  return {};
}

void EndpointCore::refuse_call_in_words(const std::string& which, const Refusal& refusal) {
  outbox_.tell(
      Warning{{"device", "state",
               fmt::format("the call {} was refused with {}: {}", which, refusal.status, refusal.reason),
               "plug the headset in"}});
}

void EndpointCore::on(const sip::IncomingInvite& event, Time now) {
  // RFC 3891 §3: the user of the replaced call goes on with the new caller, so nobody is busy and nothing
  // rings.
  const Call* replaced = event.replaces ? find(event.replaces) : nullptr;
  const bool replaces = replaced != nullptr;
  CallParties parties = incoming_parties(event);
  if (replaces) parties.related_call = replaced->id();
  parties.asks_for_silence = parties.asks_for_silence || replaces;
  if (const auto refusal = refusal_of_new_call(replaces)) {
    if (!refusal->reason.empty())
      refuse_call_in_words(fmt::format("from {}", parties.remote_number), *refusal);
    static_cast<void>(stack_.reject(event.session, {.status = refusal->status}, now));
    return;
  }
  for (const auto& line : lines_)
    if (line.account == event.account) parties.line = line.shown.line;
  if (parties.line.index >= lines_.size()) {
    static_cast<void>(stack_.reject(event.session, {.status = 480}, now));
    return;
  }
  Call& call = add_call(std::move(parties));
  call_of_session_[event.session] = call.id();
  account_of_call_[call.id()] = event.account;
  name_in_log(event.session, call);
  call.set_leg(std::make_unique<SipLeg>(stack_, event.session));
  const auto& line = lines_[call.snapshot().line.index].settings;
  std::optional<std::string> offer;
  if (!event.sdp.empty()) offer = event.sdp;
  const auto media_ip = event.flow.local.ip.is_unspecified() ? line.media_ip : event.flow.local.ip;
  if (!call.accepts(offer, media_ip, now)) return;
  if (!replaces && !stack_.provisional(event.session, {.status = 180}, now))
    log_.write({now, LogLevel::warning, LogTag::call, call.snapshot().line.index, call.id().value,
                "180 could not be sent"});
  if (replaces) call.take_over(*replaced);
  call.start(media_ip, std::move(offer), now);
  if (replaces) static_cast<void>(call.answer(now));
}

void EndpointCore::on(const sip::ProvisionalReceived& event, Time now) {
  Call* call = find(event.session);
  if (call == nullptr) return;
  learn_uuid(*call, event.response);
  call->on_progress(event.branch.value, event.status, event.sdp, event.reliable);
  tell_referrer(call->id(), event.status, event.reason, now);
}
void EndpointCore::on(const sip::Accepted& event, Time now) {
  Call* call = find(event.session);
  if (call == nullptr) return;
  learn_uuid(*call, event.response);
  call->on_accepted(event.branch.value, event.sdp, event.needs_ack, now);
  if (call->is_answered()) tell_referrer(call->id(), 200, {}, now);
}
void EndpointCore::on(const sip::Confirmed& event, Time now) {
  if (Call* call = find(event.session)) call->on_confirmed(event.sdp, now);
}
void EndpointCore::on(const sip::OfferReceived& event, Time now) {
  Call* call = find(event.session);
  if (call == nullptr) return;
  learn_uuid(*call, event.request);
  call->on_offer(event.sdp, now);
}
void EndpointCore::on(const sip::OfferConfirmed& event, Time now) {
  if (Call* call = find(event.session)) call->on_offer_confirmed(event.sdp, now);
}
void EndpointCore::on(const sip::OfferAnswered& event, Time now) {
  if (Call* call = find(event.session)) call->on_offer_answered(event.sdp, event.needs_ack, now);
}
void EndpointCore::on(const sip::OfferFailed& event, Time now) {
  if (Call* call = find(event.session)) call->on_offer_failed(event.status, now);
}
void EndpointCore::on(const sip::OfferGlare& event, Time) {
  if (Call* call = find(event.session)) call->on_glare();
}
void EndpointCore::on(const sip::OfferRetryDue& event, Time now) {
  if (Call* call = find(event.session)) call->on_retry_due(now);
}

void EndpointCore::on(const sip::RefreshDue& event, Time now) {
  if (Call* call = find(event.session)) call->on_refresh_due(now);
}
void EndpointCore::on(const sip::Redirected& event, Time now) {
  if (const Call* call = find(event.session))
    log_.write({now, LogLevel::info, LogTag::call, call->snapshot().line.index, call->id().value,
                fmt::format("redirected by {}", event.status)});
}

void EndpointCore::on(const sip::SessionEnded& event, Time) {
  Call* call = find(event.session);
  call_of_session_.erase(event.session);
  if (call != nullptr) call->on_ended(end_of(event));
}

void EndpointCore::on(const sip::IncomingRequest& event, Time now) {
  if (event.request->method() == sip::Method::notify) return on_notify(event, now);
  Call* call = find(event.session);
  sip::Response response;
  if (call != nullptr && event.request->method() == sip::Method::info) {
    // RFC 6086 §4.2.1: legacy INFO is answered 200 whatever its body; digits in it are told.
    const auto type = sip::TokenParams::parse(event.request->value(sip::HeaderId::content_type));
    if (type)
      for (const auto& digit : digits_of_info(type->token, event.request->body()))
        call->digit_heard(digit.digit, digit.duration, DtmfMethod::info, now);
  } else {
    response.status = 405;  // INFO outside of a call; the stack hands up no other method (core_stack.h)
  }
  static_cast<void>(stack_.respond(event.id, std::move(response), now));
}

void EndpointCore::on(const sip::RequestFinished& event, Time now) {
  if (Call* call = find(event.session))
    call->on_digit_answered(event.status >= 200 && event.status < 300, now);
}

void EndpointCore::on(const sip::IncomingSubscribe& event, Time now) {
  static_cast<void>(stack_.respond(event.id, {.status = 489}, now));
}

}  // namespace sidetone::endpoint
