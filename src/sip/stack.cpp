#include "sip/stack.h"

#include "sip/message/headers.h"
#include "sip/message/identity.h"
#include "sip/message/replaces.h"
#include "sip/publication/publications.h"
#include "sip/registration/registration.h"
#include "sip/session/invite_session.h"
#include "sip/stack_core.h"
#include "sip/stack_dispatch.h"
#include "sip/subscription/subscriptions.h"

namespace sidetone::sip {

struct Stack::Impl {
  Impl(StackSettings settings, Random& random, LogSink& log)
      : core(std::move(settings), random, log), dispatch(core) {}

  // A command may have made events below (a send that failed at once), and sessions may have ended.
  template <typename Result>
  Result settled(Result result, Time now) {
    settle(now);
    return result;
  }
  void settle(Time now) {
    dispatch.drain(now);
    std::erase_if(removing, [&](AccountId id) {
      if (!core.registrations.at(id)->is_idle()) return false;
      core.registrations.erase(id);
      core.forget(*core.accounts.at(id));
      core.accounts.erase(id);
      return true;
    });
  }
  [[nodiscard]] std::shared_ptr<InviteSession> find(SessionId id) const {
    const auto at = core.sessions.find(id);
    return at == core.sessions.end() ? nullptr : at->second;
  }
  template <typename Command>
  Expected<void> with(SessionId id, Time now, Command command) {
    const auto session = find(id);
    if (!session) return fail(Layer::sip, Fault::not_found, "no such session");
    return settled(command(*session), now);
  }
  [[nodiscard]] std::shared_ptr<Registration> registration(AccountId id) {
    const auto account = core.accounts.find(id);
    if (account == core.accounts.end() || account->second->removed) return nullptr;
    auto& registration = core.registrations[id];
    if (!registration) registration = std::make_shared<Registration>(core, account->second);
    return registration;
  }

  StackCore core;
  StackDispatch dispatch;
  std::vector<AccountId> removing;  // until their bindings are removed
};

Stack::Stack(StackSettings settings, Random& random, LogSink& log)
    : impl_(std::make_unique<Impl>(std::move(settings), random, log)) {}
Stack::~Stack() = default;

TransportLayer& Stack::transport() { return impl_->core.transactions.transport(); }

void Stack::run(Time now) { impl_->settle(now); }

void Stack::on_time(Time now) {
  impl_->core.transactions.on_time(now);
  impl_->settle(now);
  impl_->core.timers.run_due(now);
  impl_->settle(now);
}

std::optional<Deadline> Stack::deadline() const {
  return earlier(impl_->core.transactions.deadline(), impl_->core.timers.deadline());
}

std::optional<IoOutput> Stack::poll_io() { return transport().poll_io(); }

std::optional<Event> Stack::poll_event() {
  auto& events = impl_->core.events;
  if (events.empty()) return std::nullopt;
  std::optional<Event> event(std::move(events.front()));
  events.pop_front();
  return event;
}

// --- accounts and registration

AccountId Stack::add_account(Account account, Time now) {
  auto& core = impl_->core;
  const auto id = core.account_ids.next();
  auto state = std::make_shared<AccountState>();
  state->id = id;
  state->account = std::move(account);
  if (const auto& server = state->account.server)
    if (const auto ip = IpAddress::parse(server->host)) state->server_ips.add(*ip, now);
  core.know(*state);
  const bool registers = state->account.register_expires.count() > 0;
  core.accounts.emplace(id, std::move(state));
  if (registers) register_now(id, now);
  return id;
}

void Stack::remove_account(AccountId account, Time now) {
  auto& core = impl_->core;
  const auto at = core.accounts.find(account);
  if (at == core.accounts.end() || at->second->removed) return;
  core.subscriptions->remove_account(account, now);
  core.publications->remove_account(account, now);
  const auto registration = core.registrations.find(account);
  if (registration == core.registrations.end()) {
    core.forget(*at->second);
    core.accounts.erase(at);
    return;
  }
  registration->second->unregister(now);
  at->second->removed = true;
  core.account_index.remove(account);
  impl_->removing.push_back(account);
  impl_->settle(now);
}

void Stack::update_account(AccountId id, const Account& changed, Time now) {
  auto& core = impl_->core;
  const auto at = core.accounts.find(id);
  if (at == core.accounts.end() || at->second->removed) return;
  auto& state = *at->second;
  state.account.display_name = changed.display_name;
  state.account.credentials = changed.credentials;
  state.account.register_expires = changed.register_expires;
  state.account.register_retry = changed.register_retry;
  if (state.account.contact_as_seen && !changed.contact_as_seen) state.seen_at.reset();
  state.account.contact_as_seen = changed.contact_as_seen;
  state.digest.forget();
  if (const auto registration = impl_->registration(id)) registration->account_changed(now);
  impl_->settle(now);
}

void Stack::set_user_agent(std::string user_agent) {
  impl_->core.settings.user_agent = std::move(user_agent);
}

void Stack::unregister(AccountId account, Time now) {
  if (const auto registration = impl_->registration(account)) registration->unregister(now);
  impl_->settle(now);
}

void Stack::register_now(AccountId account, Time now) {
  if (const auto registration = impl_->registration(account)) registration->register_now(now);
  impl_->settle(now);
}

void Stack::move_account(AccountId account, SocketId socket, Time now) {
  auto& core = impl_->core;
  // Rare, so all sessions are looked through.
  for (const auto& [id, session] : core.sessions)
    if (socket && session->account() && session->account()->id == account)
      session->move(socket, core.transactions.transport().address_of(socket));
  const auto at = core.accounts.find(account);
  if (at == core.accounts.end() || at->second->removed) return impl_->settle(now);
  core.release_flow(*at->second);
  at->second->seen_at.reset();
  at->second->flow.reset();
  auto& server = at->second->account.server;
  if (server && socket) server->socket = socket;
  if (socket) {
    const auto ip = core.transactions.transport().address_of(socket);
    core.subscriptions->move_account(*at->second, socket, ip, now);
  }
  if (const auto line = core.registrations.find(account); line != core.registrations.end())
    line->second->move(now);
  impl_->settle(now);
}

void Stack::set_addresses(std::vector<IpAddress> addresses) {
  impl_->core.own_addresses = std::move(addresses);
}

void Stack::on_network_change(std::vector<IpAddress> addresses, Time now) {
  impl_->core.on_network_change(std::move(addresses), now);
  impl_->settle(now);
}

void Stack::on_resume(Duration slept, Time now) {
  impl_->core.on_resume(slept, now);
  impl_->settle(now);
}

const Account* Stack::account(AccountId account) const {
  const auto at = impl_->core.accounts.find(account);
  return at == impl_->core.accounts.end() || at->second->removed ? nullptr : &at->second->account;
}

// --- sessions

Expected<SessionId> Stack::invite(Invite invite, Time now) {
  auto& core = impl_->core;
  if (core.sessions.size() >= core.settings.sessions_max)
    return fail(Layer::sip, Fault::limit, "too many sessions");
  const auto* own = account(invite.account);
  const auto true_identity = own == nullptr ? std::string{} : write_name_addr(own->display_name, own->uri);
  if (invite.anonymous) {  // RFC 3323 §4.1.1.3
    invite.from_uri = anonymous_uri;
    invite.from_display = anonymous_display;
  }
  auto start = core.start_request("INVITE", invite.account, invite.target, invite.from_display,
                                  invite.from_uri, invite.next_hop);
  if (!start) return tl::make_unexpected(start.error());
  auto& message = start->message;
  if (invite.anonymous) {
    message.add(HeaderId::privacy, "id");  // RFC 3325 §9.3
    if (!true_identity.empty()) message.add(HeaderId::p_preferred_identity, true_identity);
  }
  if (!invite.to_uri.empty()) {
    if (!Uri::parse(invite.to_uri)) return fail(Layer::sip, Fault::syntax, "the To URI is none");
    message.set(HeaderId::to, write_name_addr({}, invite.to_uri));
  }
  core.add_capabilities(message, invite.reliable_provisionals);
  if (const auto& replaced = invite.replaces) {
    message.add(
        HeaderId::replaces,
        Replaces{replaced->call_id, replaced->to_tag, replaced->from_tag, replaced->early_only}.write());
    message.add(HeaderId::require, "replaces");  // RFC 3891 §4: a second call beside the first is not wanted
  }
  add_headers(message, invite.headers);
  if (!invite.sdp.empty()) message.set_body(invite.sdp, "application/sdp");
  const auto session = std::make_shared<InviteSession>(core, core.session_ids.next(), start->account);
  core.sessions.emplace(session->id(), session);
  core.name_in_log(start->account.get(), session->id(), message.value(HeaderId::call_id));
  session->call(std::move(message), std::move(start->hop),
                {invite.next_hop.has_value(), invite.prack_by_user}, now);
  return impl_->settled(session->id(), now);
}

Expected<void> Stack::ack(SessionId session, std::string sdp, Time now) {
  return impl_->with(session, now, [&](InviteSession& s) { return s.ack(sdp, now); });
}

Expected<void> Stack::provisional(SessionId session, Provisional response, Time now) {
  return impl_->with(session, now, [&](InviteSession& s) { return s.provisional(std::move(response), now); });
}

Expected<void> Stack::accept(SessionId session, std::string sdp, std::vector<ExtraHeader> headers, Time now) {
  return impl_->with(session, now,
                     [&](InviteSession& s) { return s.accept(std::move(sdp), std::move(headers), now); });
}

Expected<void> Stack::reject(SessionId session, Response response, Time now) {
  return impl_->with(session, now, [&](InviteSession& s) { return s.reject(response, now); });
}

Expected<void> Stack::prack(SessionId session, BranchId branch, std::string sdp, Time now) {
  return impl_->with(session, now, [&](InviteSession& s) { return s.prack(branch, sdp, now); });
}

Expected<void> Stack::offer(SessionId session, std::string sdp, Time now, BranchId branch) {
  return impl_->with(session, now, [&](InviteSession& s) { return s.offer(branch, sdp, now); });
}

Expected<void> Stack::offer_unacknowledged(SessionId session, std::string sdp, Time now) {
  return impl_->with(session, now, [&](InviteSession& s) { return s.offer_unacknowledged(sdp, now); });
}

Expected<void> Stack::set_offer_headers(SessionId session, std::vector<ExtraHeader> headers) {
  const auto found = impl_->find(session);
  if (!found) return fail(Layer::sip, Fault::not_found, "no such session");
  found->set_offer_headers(std::move(headers));
  return {};
}

Expected<void> Stack::repeat_offer(SessionId session, Time now) {
  return impl_->with(session, now, [&](InviteSession& s) { return s.repeat_offer(now); });
}

Expected<void> Stack::answer_offer(SessionId session, std::string sdp, Time now, BranchId branch) {
  return impl_->with(session, now, [&](InviteSession& s) { return s.answer_offer(branch, sdp, now); });
}

Expected<void> Stack::refuse_offer(SessionId session, Response response, Time now, BranchId branch) {
  return impl_->with(session, now, [&](InviteSession& s) { return s.refuse_offer(branch, response, now); });
}

Expected<void> Stack::end(SessionId session, std::vector<ExtraHeader> headers, Time now) {
  return impl_->with(session, now, [&](InviteSession& s) { return s.end(std::move(headers), now); });
}

// --- other requests

Expected<ClientRequestId> Stack::request(SessionId session, Method method, std::vector<ExtraHeader> headers,
                                         std::string body, std::string content_type, Time now) {
  const auto found = impl_->find(session);
  if (!found) return fail(Layer::sip, Fault::not_found, "no such session");
  return impl_->settled(impl_->core.request_in_dialog(*found, method, headers, body, content_type, now), now);
}

Expected<ClientRequestId> Stack::request(OutgoingRequest request, Time now) {
  return impl_->settled(impl_->core.request_outside(request, now), now);
}

Expected<void> Stack::respond(ServerRequestId id, Response response, Time now) {
  return impl_->settled(impl_->core.answer_request(id, response, now), now);
}

// --- events

Expected<SubscriptionId> Stack::subscribe(Subscribe subscribe, Time now) {
  return impl_->settled(impl_->core.subscriptions->subscribe(std::move(subscribe), now), now);
}

Expected<void> Stack::unsubscribe(SubscriptionId id, Time now) {
  return impl_->settled(impl_->core.subscriptions->unsubscribe(id, now), now);
}

Expected<SubscriptionId> Stack::accept_subscription(ServerRequestId request, std::chrono::seconds expires,
                                                    bool pending, Time now) {
  return impl_->settled(impl_->core.subscriptions->accept(request, expires, pending, now), now);
}

Expected<void> Stack::notify(SubscriptionId id, Notify notify, Time now) {
  return impl_->settled(impl_->core.subscriptions->notify(id, std::move(notify), now), now);
}

Expected<SubscriptionId> Stack::refer(Refer refer, Time now) {
  return impl_->settled(impl_->core.subscriptions->refer(std::move(refer), now), now);
}

Expected<SubscriptionId> Stack::accept_refer(ServerRequestId request, Time now) {
  return impl_->settled(impl_->core.subscriptions->accept_refer(request, now), now);
}

Expected<void> Stack::notify_refer(SubscriptionId id, int status, std::string reason, Time now) {
  return impl_->settled(impl_->core.subscriptions->notify_refer(id, status, reason, now), now);
}

Expected<PublicationId> Stack::publish(Publish publish, Time now) {
  return impl_->settled(impl_->core.publications->publish(std::move(publish), now), now);
}

Expected<void> Stack::republish(PublicationId id, std::string body, std::string content_type, Time now) {
  return impl_->settled(
      impl_->core.publications->republish(id, std::move(body), std::move(content_type), now), now);
}

Expected<void> Stack::unpublish(PublicationId id, Time now) {
  return impl_->settled(impl_->core.publications->unpublish(id, now), now);
}

// --- facts

std::optional<Stack::DialogFacts> Stack::dialog(SessionId id) const {
  const auto session = impl_->find(id);
  const auto dialog = session ? session->dialog() : nullptr;
  if (!dialog) return std::nullopt;
  return DialogFacts{dialog->call_id(),       dialog->local_tag(),     dialog->remote_tag(),
                     dialog->remote_uri(),    dialog->remote_target(), dialog->local_uri(),
                     session->is_confirmed(), dialog->flow()};
}

Stack::Counters Stack::counters() const {
  auto& core = impl_->core;
  const auto transactions = core.transactions.counters();
  const auto transport = core.transactions.transport().counters();
  Counters counters;
  counters.sessions = core.sessions.size();
  counters.dialogs = core.dialogs.size();
  counters.clients = transactions.clients;
  counters.servers = transactions.servers;
  counters.timers = transactions.timers + core.timers.size();
  counters.connections = transport.connections;
  counters.requests = core.client_requests.size() + core.server_requests.size();
  counters.subscriptions = core.subscriptions->size();
  counters.publications = core.publications->size();
  counters.malformed = transport.unparsable;
  counters.messages_in = transport.received;
  counters.messages_out = transport.sent;
  counters.refused = core.guard.counters();
  counters.retransmissions = transactions.retransmissions_sent;
  return counters;
}

std::vector<std::pair<std::string_view, std::uint64_t>> Stack::transitions() const {
  return impl_->core.transactions.transitions();
}

}  // namespace sidetone::sip
