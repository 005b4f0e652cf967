// Which NOTIFY, SUBSCRIBE and REFER belong to a subscription, and which of the others come up to the user
// (RFC 6665 §4.1.3, §4.2.1, RFC 3515 §2.4.2).
#include <algorithm>

#include "base/text.h"
#include "sip/message/headers.h"
#include "sip/refer/target_dialog.h"
#include "sip/subscription/subscriptions.h"

namespace sidetone::sip {
namespace {

bool holds(const std::vector<std::string>& packages, std::string_view package) {
  return std::any_of(packages.begin(), packages.end(),
                     [&](const auto& known) { return iequals(known, package); });
}

}  // namespace

bool Subscriptions::take(RequestReceived& request, Time now) {
  const auto& message = request.message;
  const auto method = message.method();
  if (method != Method::notify && method != Method::subscribe) return false;
  const auto event = EventName::of(message);
  if (!event) return false;
  const auto call_id = message.value(HeaderId::call_id);
  const auto to_tag = tag_of(message, HeaderId::to);
  const auto key = Dialog::key(call_id, to_tag, tag_of(message, HeaderId::from));
  if (method == Method::subscribe) return take_subscribe(key, request, *event, now);
  return take_notify(key, request, *event, now) ||
         take_notify(Dialog::key(call_id, to_tag, {}), request, *event, now);
}

bool Subscriptions::take_notify(const std::string& key, RequestReceived& request, const EventName& event,
                                Time now) {
  const auto* entry = core_.dialogs.find(key);
  if (!entry) return false;
  for (const auto id : entry->subscriptions) {
    const auto at = subscribers_.find(id);
    if (at == subscribers_.end() || !at->second->matches(event)) continue;
    const auto keep = at->second;
    keep->on_notify(request.id, request.flow, std::make_shared<const Message>(std::move(request.message)),
                    now);
    return true;
  }
  return false;
}

bool Subscriptions::take_subscribe(const std::string& key, RequestReceived& request, const EventName& event,
                                   Time now) {
  const auto* entry = core_.dialogs.find(key);
  if (!entry) return false;
  for (const auto id : entry->subscriptions) {
    const auto at = notifiers_.find(id);
    if (at == notifiers_.end() || at->second->event() != event) continue;
    const auto keep = at->second;
    keep->on_subscribe(request.id, request.flow, std::make_shared<const Message>(std::move(request.message)),
                       now);
    return true;
  }
  return false;
}

bool Subscriptions::is_served(std::string_view package) const {
  const auto& packages = core_.settings.event_packages;
  return holds(packages, package) || (core_.settings.server_role && packages.empty());
}

bool Subscriptions::is_unsolicited(std::string_view package) const {
  return core_.settings.server_role || holds(core_.settings.unsolicited_packages, package);
}

void Subscriptions::bad_event(ServerTransactionId id, const Message& request, Time now) {
  auto response = core_.response(request, 489, {}, core_.random.token(12));
  // §7.2 of RFC 6665 wants the header; "refer" we speak in any case, if only as the one who refers.
  std::string packages(refer_package);
  if (!core_.allow_events.empty()) packages += ", " + core_.allow_events;
  response.add(HeaderId::allow_events, packages);
  core_.respond(id, std::move(response), now);
}

bool Subscriptions::admit(ServerTransactionId id, const Message& request, SessionId session, Time now) {
  const auto method = request.method();
  const auto refuse = [&](int status, std::vector<ExtraHeader> headers = {}) {
    auto response = core_.response(request, status, {}, core_.random.token(12));
    add_headers(response, headers);
    core_.respond(id, std::move(response), now);
    return false;
  };
  if (method == Method::refer) {
    const auto values = request.values(HeaderId::refer_to);
    return (values.size() == 1 && ReferTo::parse(values.front())) || refuse(400);
  }
  if (method != Method::notify && method != Method::subscribe) return true;
  const auto event = EventName::of(request);
  if (!event) return bad_event(id, request, now), false;
  if (method == Method::notify) {
    if (is_unsolicited(event->package)) return true;
    // A package that we speak, of a subscription that is none of ours (§4.1.3).
    if (event->package == refer_package && session) return refuse(481);
    return bad_event(id, request, now), false;
  }
  if (!is_served(event->package)) return bad_event(id, request, now), false;
  if (!room(nullptr)) return refuse(503, {{"Retry-After", "60"}});
  const auto* field = request.find(HeaderId::expires);
  if (!field) return true;
  const auto wanted = parse_delta(field->value, "Expires");
  if (!wanted) return refuse(400);
  const auto expires = granted(std::chrono::seconds(*wanted));
  return expires || refuse(423, {{"Min-Expires", std::to_string(expires.error().count())}});
}

Event Subscriptions::event_for(IncomingRequest incoming) const {
  const auto& request = *incoming.request;
  if (request.method() == Method::subscribe) {
    IncomingSubscribe subscribe;
    auto event = EventName::of(request).value_or(EventName{});
    subscribe.id = incoming.id;
    subscribe.account = incoming.account;
    subscribe.session = incoming.session;
    subscribe.event = std::move(event.package);
    subscribe.event_id = std::move(event.id);
    if (const auto* field = request.find(HeaderId::expires))
      if (const auto wanted = parse_delta(field->value, "Expires"))
        subscribe.expires = std::chrono::seconds(*wanted);
    subscribe.request = std::move(incoming.request);
    subscribe.flow = incoming.flow;
    return subscribe;
  }
  if (request.method() != Method::refer) return incoming;
  IncomingRefer refer;
  refer.id = incoming.id;
  refer.account = incoming.account;
  refer.session = incoming.session;
  refer.in_dialog = !tag_of(request, HeaderId::to).empty();
  if (!refer.in_dialog)
    if (const auto named = TargetDialog::parse(request.value(HeaderId::target_dialog)))
      refer.session =
          core_.dialogs.session_of(Dialog::key(named->call_id, named->local_tag, named->remote_tag));
  if (auto refer_to = ReferTo::parse(request.value(HeaderId::refer_to)))
    refer.refer_to = std::move(*refer_to);
  refer.referred_by = std::string(request.value(HeaderId::referred_by));
  const auto refer_sub = TokenParams::parse(request.value(HeaderId::refer_sub));
  refer.wants_notifications = !refer_sub || !iequals(refer_sub->token, "false");
  refer.request = std::move(incoming.request);
  refer.flow = incoming.flow;
  return refer;
}

}  // namespace sidetone::sip
