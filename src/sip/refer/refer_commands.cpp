// REFER sent and accepted (RFC 3515 §2.4, RFC 4488, RFC 4538).
#include <fmt/format.h>

#include "base/text.h"
#include "sip/message/headers.h"
#include "sip/refer/target_dialog.h"
#include "sip/session/invite_session.h"
#include "sip/subscription/subscriptions.h"

namespace sidetone::sip {
namespace {

// How long a transfer may take before its notifications end: longer than any phone rings.
constexpr std::chrono::seconds refer_expires{300};

void complete(Message& refer, const Refer& wish) {
  refer.add(HeaderId::refer_to, fmt::format("<{}>", wish.refer_to));
  if (!wish.referred_by.empty()) refer.add(HeaderId::referred_by, fmt::format("<{}>", wish.referred_by));
  if (!wish.notifications) refer.add(HeaderId::refer_sub, "false");
  add_headers(refer, wish.headers);
}

}  // namespace

Expected<SubscriptionId> Subscriptions::refer(Refer wish, Time now) {
  if (!Uri::parse(wish.refer_to))
    return fail(Layer::sip, Fault::syntax, fmt::format("not a URI: {}", wish.refer_to));
  if (!wish.referred_by.empty() && !Uri::parse(wish.referred_by))
    return fail(Layer::sip, Fault::syntax, fmt::format("not a URI: {}", wish.referred_by));
  Subscribe subscription;  // what it would be, were it made by a SUBSCRIBE
  subscription.event = refer_package;
  subscription.accept = "message/sipfrag";
  subscription.expires = refer_expires;
  const EventName event{std::string(refer_package), {}};
  if (wish.session) {
    const auto session = core_.sessions.find(wish.session);
    if (session == core_.sessions.end()) return fail(Layer::sip, Fault::not_found, "no such session");
    const auto& call = *session->second;
    if (!call.can_send_requests()) return wrong_state("the call has no dialog");
    if (const auto fits = room(call.account().get()); !fits) return tl::make_unexpected(fits.error());
    const auto dialog = call.dialog();
    const auto* entry = core_.dialogs.find(dialog->key());
    if (entry && entry->subscriptions.size() >= DialogUsages::subscriptions_max)
      return fail(Layer::sip, Fault::limit, "too many subscriptions in this call");
    auto message = dialog->request(Method::refer);
    core_.add_contact(message, call.account().get(), dialog->flow());
    core_.add_capabilities(message);
    complete(message, wish);
    const auto subscriber = add_subscriber(std::move(subscription), event, call.account(), wish.session);
    subscriber->refer(std::move(message), {}, dialog, now);
    return subscriber->id();
  }
  auto start = core_.start_request("REFER", wish.account, wish.target, wish.from_display, wish.from_uri,
                                   wish.next_hop);
  if (!start) return tl::make_unexpected(start.error());
  if (const auto fits = room(start->account.get()); !fits) return tl::make_unexpected(fits.error());
  core_.add_capabilities(start->message);
  complete(start->message, wish);
  if (wish.target_dialog) {
    const auto session = core_.sessions.find(wish.target_dialog);
    const auto dialog = session == core_.sessions.end() ? nullptr : session->second->dialog();
    if (!dialog) return fail(Layer::sip, Fault::not_found, "no such session");
    start->message.add(HeaderId::target_dialog, TargetDialog::write(*dialog));
    start->message.add(HeaderId::require, "tdialog");
  }
  const auto subscriber = add_subscriber(std::move(subscription), event, start->account, {});
  subscriber->refer(std::move(start->message), std::move(start->hop), nullptr, now);
  return subscriber->id();
}

Expected<SubscriptionId> Subscriptions::accept_refer(ServerRequestId request, Time now) {
  const auto at = core_.server_requests.find(request);
  if (at == core_.server_requests.end() || at->second.request->method() != Method::refer)
    return fail(Layer::sip, Fault::not_found, "no such REFER waits");
  const auto message = at->second.request;
  const auto refer_sub = TokenParams::parse(message->value(HeaderId::refer_sub));
  if (refer_sub && iequals(refer_sub->token, "false")) {  // RFC 4488 §4
    const auto answered = core_.answer_request(request, {202, {}, {{"Refer-Sub", "false"}}, {}, {}}, now);
    if (!answered) return tl::make_unexpected(answered.error());
    return SubscriptionId{};
  }
  // §2.4.6: the id tells several REFERs of one dialog apart. The first one goes without: old peers expect it.
  EventName event{std::string(refer_package), {}};
  const auto* entry = core_.dialogs.find(Dialog::key(
      message->value(HeaderId::call_id), tag_of(*message, HeaderId::to), tag_of(*message, HeaderId::from)));
  if (entry && entry->dialog && entry->dialog->was_referred()) event.id = std::to_string(cseq_of(*message));
  auto notifier = add_notifier(request, std::move(event), refer_expires, false, now);
  if (!notifier) return tl::make_unexpected(notifier.error());
  const auto answered = core_.answer_request(request, {202, {}, {}, {}, {}}, now);
  if (!answered) return tl::make_unexpected(answered.error());
  (*notifier)->note_referred();
  // §2.4.4: a NOTIFY at once.
  static_cast<void>((*notifier)->notify_refer(100, {}, now));
  return (*notifier)->id();
}

Expected<void> Subscriptions::notify_refer(SubscriptionId id, int status, std::string_view reason, Time now) {
  const auto at = notifiers_.find(id);
  if (at == notifiers_.end()) return fail(Layer::sip, Fault::not_found, "no such subscription");
  const auto keep = at->second;
  return keep->notify_refer(status, reason, now);
}

}  // namespace sidetone::sip
