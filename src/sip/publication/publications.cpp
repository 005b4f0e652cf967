#include "sip/publication/publications.h"

#include <fmt/format.h>

#include "sip/subscription/event_name.h"

namespace sidetone::sip {
namespace {

tl::unexpected<Error> no_such_publication() {
  return fail(Layer::sip, Fault::not_found, "no such publication");
}

}  // namespace

std::shared_ptr<Publication> Publications::find(PublicationId id) const {
  const auto at = publications_.find(id);
  return at == publications_.end() ? nullptr : at->second;
}

Expected<PublicationId> Publications::publish(Publish wish, Time now) {
  const auto event = EventName::parse(wish.event);
  if (!event) return fail(Layer::sip, Fault::syntax, fmt::format("not an event package: {}", wish.event));
  if (wish.body.empty()) return fail(Layer::sip, Fault::state, "a publication needs a body");
  const auto account = core_.accounts.find(wish.account);
  auto owner = account == core_.accounts.end() ? nullptr : account->second;
  // The same bounds as for subscriptions: they are state of the same kind and size.
  const bool full = size() >= core_.settings.subscriptions_max ||
                    (owner && owner->publications.size() >= core_.settings.subscriptions_per_account_max);
  if (full) return fail(Layer::sip, Fault::limit, "too many publications");
  const auto id = ids_.next();
  const auto publication = std::make_shared<Publication>(core_, id, std::move(wish), owner);
  if (const auto sent = publication->start(now); !sent) return tl::make_unexpected(sent.error());
  if (owner) owner->publications.insert(id);
  publications_.emplace(id, publication);
  return id;
}

Expected<void> Publications::republish(PublicationId id, std::string body, std::string content_type,
                                       Time now) {
  const auto publication = find(id);
  if (!publication) return no_such_publication();
  if (body.empty()) return fail(Layer::sip, Fault::state, "a publication needs a body");
  return publication->modify(std::move(body), std::move(content_type), now);
}

Expected<void> Publications::unpublish(PublicationId id, Time now) {
  const auto publication = find(id);
  return publication ? publication->remove(now) : no_such_publication();
}

void Publications::remove_account(AccountId account, Time now) {
  const auto at = core_.accounts.find(account);
  if (at == core_.accounts.end()) return;
  const auto ids = at->second->publications;  // a copy: they leave it as they end
  for (const auto id : ids) static_cast<void>(unpublish(id, now));
}

void Publications::forget(Publication& publication) {
  const auto at = publications_.find(publication.id());
  if (at == publications_.end()) return;
  if (const auto& account = publication.account()) account->publications.erase(publication.id());
  finished_.push_back(std::move(at->second));
  publications_.erase(at);
}

}  // namespace sidetone::sip
