#include "sip/subscription/subscriptions.h"

#include <fmt/format.h>

#include <algorithm>

#include "sip/session/invite_session.h"

namespace sidetone::sip {
namespace {

tl::unexpected<Error> no_such(std::string_view what) {
  return fail(Layer::sip, Fault::not_found, fmt::format("no such {}", what));
}

}  // namespace

// Bounds: an account watches some dozens of neighbours and a mailbox; all of a process's lines together
// stay below what its memory bears (a subscription takes about 2 kB).
Expected<void> Subscriptions::room(const AccountState* account) const {
  const auto& settings = core_.settings;
  const bool full = size() >= settings.subscriptions_max ||
                    (account && account->subscriptions.size() >= settings.subscriptions_per_account_max);
  if (full) return fail(Layer::sip, Fault::limit, "too many subscriptions");
  return {};
}

std::shared_ptr<Subscriber> Subscriptions::add_subscriber(Subscribe wish, EventName event, AccountPtr account,
                                                          SessionId session) {
  const auto id = ids_.next();
  if (account) account->subscriptions.insert(id);
  auto subscriber =
      std::make_shared<Subscriber>(core_, id, std::move(wish), std::move(event), std::move(account), session);
  subscribers_.emplace(id, subscriber);
  return subscriber;
}

std::shared_ptr<Subscriber> Subscriptions::add_fork(const Subscribe& wish, const EventName& event,
                                                    AccountPtr account) {
  if (!room(account.get())) return nullptr;
  return add_subscriber(wish, event, std::move(account), {});
}

Expected<SubscriptionId> Subscriptions::subscribe(Subscribe wish, Time now) {
  auto event = EventName::parse(wish.event);
  if (!event) return fail(Layer::sip, Fault::syntax, fmt::format("not an event package: {}", wish.event));
  if (wish.expires.count() < 0) return fail(Layer::sip, Fault::range, "a subscription lasts 0 s or longer");
  AccountPtr account;
  if (wish.session) {
    const auto session = core_.sessions.find(wish.session);
    if (session == core_.sessions.end()) return no_such("session");
    account = session->second->account();
  } else if (wish.account) {
    const auto at = core_.accounts.find(wish.account);
    if (at == core_.accounts.end() || at->second->removed) return no_such("account");
    account = at->second;
  }
  if (const auto fits = room(account.get()); !fits) return tl::make_unexpected(fits.error());
  const auto session = wish.session;
  const auto subscriber = add_subscriber(std::move(wish), std::move(*event), std::move(account), session);
  if (const auto sent = subscriber->start(now); !sent) {
    forget(*subscriber);
    return tl::make_unexpected(sent.error());
  }
  return subscriber->id();
}

Expected<void> Subscriptions::unsubscribe(SubscriptionId id, Time now) {
  if (const auto at = subscribers_.find(id); at != subscribers_.end()) {
    const auto keep = at->second;
    return keep->unsubscribe(now);
  }
  return no_such("subscription");
}

Expected<SubscriptionId> Subscriptions::accept(ServerRequestId request, std::chrono::seconds expires,
                                               bool pending, Time now) {
  const auto at = core_.server_requests.find(request);
  if (at == core_.server_requests.end() || at->second.request->method() != Method::subscribe)
    return no_such("SUBSCRIBE waits");
  const auto message = at->second.request;
  if (const auto* field = message->find(HeaderId::expires))
    if (const auto wanted = parse_delta(field->value, "Expires"))
      expires = std::min(expires, std::chrono::seconds(*wanted));  // §4.2.1.1: shortened, never lengthened
  auto event = EventName::of(*message);
  auto notifier = add_notifier(request, event.value_or(EventName{}), expires, pending, now);
  if (!notifier) return tl::make_unexpected(notifier.error());
  const auto answered =
      core_.answer_request(request, {200, {}, {{"Expires", std::to_string(expires.count())}}, {}, {}}, now);
  if (!answered) return tl::make_unexpected(answered.error());
  (*notifier)->await_first_notify(now);
  return (*notifier)->id();
}

Expected<std::shared_ptr<Notifier>> Subscriptions::add_notifier(ServerRequestId request, EventName event,
                                                                std::chrono::seconds expires, bool pending,
                                                                Time now) {
  const auto& waiting = core_.server_requests.at(request);
  const auto account = core_.accounts.find(waiting.account);
  auto owner = account == core_.accounts.end() ? nullptr : account->second;
  if (const auto fits = room(owner.get()); !fits) return tl::make_unexpected(fits.error());
  const auto& message = *waiting.request;
  const auto local_tag = tag_of(message, HeaderId::to);
  std::shared_ptr<Dialog> dialog;
  if (local_tag.empty()) {
    dialog = std::make_shared<Dialog>(Dialog::as_callee(message, waiting.to_tag, waiting.flow));
  } else {
    const auto* entry = core_.dialogs.find(
        Dialog::key(message.value(HeaderId::call_id), local_tag, tag_of(message, HeaderId::from)));
    if (!entry || !entry->dialog) return no_such("dialog any more");
    dialog = entry->dialog;
    dialog->refresh_target(message);
  }
  const auto id = ids_.next();
  auto notifier = std::make_shared<Notifier>(core_, id, std::move(event), owner, waiting.session);
  if (!notifier->start(dialog, expires, pending, now))
    return fail(Layer::sip, Fault::limit, "too many subscriptions in this dialog");
  if (owner) owner->subscriptions.insert(id);
  notifiers_.emplace(id, notifier);
  return notifier;
}

Expected<void> Subscriptions::notify(SubscriptionId id, Notify notify, Time now) {
  const auto at = notifiers_.find(id);
  if (at == notifiers_.end()) return no_such("subscription");
  const auto keep = at->second;
  return keep->notify(std::move(notify), now);
}

void Subscriptions::remove_account(AccountId account, Time now) {
  const auto at = core_.accounts.find(account);
  if (at == core_.accounts.end()) return;
  const auto ids = at->second->subscriptions;  // a copy: they leave it as they end
  for (const auto id : ids) {
    if (const auto ours = subscribers_.find(id); ours != subscribers_.end()) {
      const auto keep = ours->second;
      keep->abandon(now);
    } else if (const auto theirs = notifiers_.find(id); theirs != notifiers_.end()) {
      const auto keep = theirs->second;
      keep->abandon(now);
    }
  }
}

void Subscriptions::move_account(const AccountState& account, SocketId socket, const IpAddress& ip,
                                 Time now) {
  for (const auto id : account.subscriptions) {
    if (const auto ours = subscribers_.find(id); ours != subscribers_.end())
      ours->second->move(socket, ip, now);
    else if (const auto theirs = notifiers_.find(id); theirs != notifiers_.end())
      theirs->second->move(socket, ip, now);
  }
}

void Subscriptions::forget(Subscriber& subscriber) {
  const auto at = subscribers_.find(subscriber.id());
  if (at == subscribers_.end()) return;
  if (const auto& account = subscriber.account()) account->subscriptions.erase(subscriber.id());
  finished_subscribers_.push_back(std::move(at->second));
  subscribers_.erase(at);
}

void Subscriptions::forget(Notifier& notifier) {
  const auto at = notifiers_.find(notifier.id());
  if (at == notifiers_.end()) return;
  if (const auto& account = notifier.account()) account->subscriptions.erase(notifier.id());
  finished_notifiers_.push_back(std::move(at->second));
  notifiers_.erase(at);
}

Expected<std::chrono::seconds, std::chrono::seconds> Subscriptions::granted(
    std::chrono::seconds wanted) const {
  // §4.2.1.1: only what is shorter than an hour may be called too brief.
  const auto least = std::min(core_.settings.subscription_expires_min, std::chrono::seconds(3600));
  if (wanted.count() > 0 && wanted < least) return tl::make_unexpected(least);
  return std::min(wanted, core_.settings.subscription_expires_max);
}

}  // namespace sidetone::sip
