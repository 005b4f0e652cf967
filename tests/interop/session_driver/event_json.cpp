#include "event_json.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

namespace sidetone::interop {
namespace {

using boost::json::object;

object message_json(const sip::Message& message) {
  object headers;
  for (const auto& field : message.fields()) {
    auto& values = headers[field.name];
    if (values.is_null()) values = boost::json::array();
    values.as_array().emplace_back(std::string(field.value));
  }
  object json{{"headers", std::move(headers)}, {"body", std::string(message.body())}};
  if (message.is_request()) {
    json["method"] = std::string(message.method_name());
    json["uri"] = std::string(message.request_uri());
  } else {
    json["status"] = message.status();
  }
  return json;
}

template <typename Tag>
std::uint64_t number(StrongId<Tag> id) {
  return id.value;
}

object named(std::string_view name, object fields, const sip::MessagePtr& message = nullptr) {
  fields["event"] = name;
  if (message) fields["message"] = message_json(*message);
  return fields;
}

void set_retry(object& json, std::optional<Duration> retry_in) {
  if (retry_in)
    json["retry_in_ms"] = std::chrono::duration_cast<std::chrono::milliseconds>(*retry_in).count();
}

std::string_view name_of(sip::RegistrationState state) {
  using enum sip::RegistrationState;
  switch (state) {
    case registering: return "registering";
    case registered: return "registered";
    case failed: return "failed";
    case unregistering: return "unregistering";
    case unregistered: return "unregistered";
  }
  return "";
}

std::string_view name_of(sip::EndCause cause) {
  using enum sip::EndCause;
  switch (cause) {
    case bye_received: return "bye_received";
    case bye_sent: return "bye_sent";
    case cancelled_by_peer: return "cancelled_by_peer";
    case cancelled: return "cancelled";
    case rejected: return "rejected";
    case refused: return "refused";
    case timeout: return "timeout";
    case transport: return "transport";
    case no_ack: return "no_ack";
    case dialog_gone: return "dialog_gone";
    case replaced: return "replaced";
    case expired: return "expired";
  }
  return "";
}

std::string_view name_of(sip::PublicationState state) {
  using enum sip::PublicationState;
  switch (state) {
    case published: return "published";
    case failed: return "failed";
    case removed: return "removed";
  }
  return "";
}

// --- lines and requests

object of(const sip::RegistrationChanged& event) {
  object json{{"line", number(event.account)},
              {"state", name_of(event.state)},
              {"status", event.status},
              {"text", event.text},
              {"expires", event.expires.count()}};
  set_retry(json, event.retry_in);
  return named("registration", std::move(json));
}
object of(const sip::AddressSeen& event) {
  return named("address_seen", {{"line", number(event.account)}, {"address", event.address.to_string()}});
}
object of(const sip::IncomingRequest& event) {
  return named("request", {{"id", number(event.id)}, {"session", number(event.session)}}, event.request);
}
object of(const sip::RequestFinished& event) {
  return named("request_finished",
               {{"id", number(event.id)}, {"session", number(event.session)}, {"status", event.status}},
               event.response);
}

// --- sessions

object of(const sip::IncomingInvite& event) {
  return named("incoming",
               {{"session", number(event.session)},
                {"line", number(event.account)},
                {"sdp", event.sdp},
                {"replaces", number(event.replaces)},
                {"join", number(event.join)},
                {"from_server", event.from_server}},
               event.request);
}
object of(const sip::ProvisionalReceived& event) {
  return named("provisional",
               {{"session", number(event.session)},
                {"branch", number(event.branch)},
                {"status", event.status},
                {"reason", event.reason},
                {"sdp", event.sdp},
                {"reliable", event.reliable},
                {"needs_prack", event.needs_prack}},
               event.response);
}
object of(const sip::Redirected& event) {
  return named("redirected",
               {{"session", number(event.session)}, {"status", event.status}, {"target", event.target}},
               event.response);
}
object of(const sip::Accepted& event) {
  return named("accepted",
               {{"session", number(event.session)},
                {"branch", number(event.branch)},
                {"sdp", event.sdp},
                {"needs_ack", event.needs_ack}},
               event.response);
}
object of(const sip::Confirmed& event) {
  return named("confirmed", {{"session", number(event.session)}, {"sdp", event.sdp}});
}
object of(const sip::SessionEnded& event) {
  return named("ended",
               {{"session", number(event.session)},
                {"cause", name_of(event.cause)},
                {"status", event.status},
                {"text", event.text}},
               event.message);
}

// --- offers

template <typename OfferEvent>
object in_branch(const OfferEvent& event) {
  return {{"session", number(event.session)}, {"branch", number(event.branch)}};
}
object of(const sip::OfferReceived& event) {
  auto json = in_branch(event);
  json["sdp"] = event.sdp;
  return named("offer", std::move(json), event.request);
}
object of(const sip::OfferConfirmed& event) {
  auto json = in_branch(event);
  json["sdp"] = event.sdp;
  return named("offer_confirmed", std::move(json));
}
object of(const sip::OfferAnswered& event) {
  auto json = in_branch(event);
  json["sdp"] = event.sdp;
  json["needs_ack"] = event.needs_ack;
  return named("offer_answered", std::move(json));
}
object of(const sip::OfferFailed& event) {
  auto json = in_branch(event);
  json["status"] = event.status;
  json["text"] = event.text;
  return named("offer_failed", std::move(json));
}
object of(const sip::OfferGlare& event) {
  auto json = in_branch(event);
  set_retry(json, event.retry_in);
  return named("offer_glare", std::move(json));
}
object of(const sip::OfferRetryDue& event) { return named("offer_retry_due", in_branch(event)); }
object of(const sip::RefreshDue& event) { return named("refresh_due", {{"session", number(event.session)}}); }

// --- events, REFER, PUBLISH

object of(const sip::SubscriptionChanged& event) {
  object json{{"subscription", number(event.id)},
              {"state", to_string(event.state)},
              {"reason", event.reason},
              {"status", event.status},
              {"forked_from", number(event.forked_from)}};
  set_retry(json, event.retry_in);
  return named("subscription", std::move(json));
}
object of(const sip::NotificationReceived& event) {
  return named("notification",
               {{"subscription", number(event.id)},
                {"session", number(event.session)},
                {"package", event.event},
                {"body", event.body}},
               event.request);
}
object of(const sip::IncomingSubscribe& event) {
  return named("incoming_subscribe",
               {{"id", number(event.id)}, {"session", number(event.session)}, {"package", event.event}},
               event.request);
}
object of(const sip::NotifyDue& event) {
  return named("notify_due", {{"subscription", number(event.id)}, {"last", event.last}});
}
object of(const sip::ReferProgress& event) {
  return named("refer_progress", {{"subscription", number(event.id)},
                                  {"session", number(event.session)},
                                  {"status", event.status},
                                  {"reason", event.reason},
                                  {"finished", event.finished},
                                  {"refused", event.refused}});
}
object of(const sip::IncomingRefer& event) {
  return named("incoming_refer",
               {{"id", number(event.id)},
                {"session", number(event.session)},
                {"target", event.refer_to.uri},
                {"method", event.refer_to.method_name},
                {"replaces", event.refer_to.replaces},
                {"referred_by", event.referred_by},
                {"wants_notifications", event.wants_notifications},
                {"in_dialog", event.in_dialog}},
               event.request);
}
object of(const sip::PublicationChanged& event) {
  object json{{"publication", number(event.id)},
              {"state", name_of(event.state)},
              {"status", event.status},
              {"text", event.text}};
  set_retry(json, event.retry_in);
  return named("publication", std::move(json));
}

}  // namespace

object to_json(const sip::Event& event) {
  return std::visit([](const auto& what) { return of(what); }, event);
}

}  // namespace sidetone::interop
