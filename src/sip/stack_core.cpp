#include "sip/stack_core.h"

#include <fmt/format.h>

#include "sip/message/headers.h"
#include "sip/publication/publications.h"
#include "sip/registration/registration.h"
#include "sip/session/invite_session.h"
#include "sip/subscription/subscriptions.h"

namespace sidetone::sip {

namespace {

std::string list_of_packages(const StackSettings& settings) {
  std::string list;
  for (const auto* packages : {&settings.event_packages, &settings.unsolicited_packages})
    for (const auto& package : *packages) list += (list.empty() ? "" : ", ") + package;
  return list;
}

// A server has no line whose server could be asked for.
GuardSettings guard_settings(const StackSettings& settings) {
  auto guard = settings.guard;
  if (settings.server_role) guard.accept_from = AcceptFrom::anyone;
  return guard;
}

void add_numeric(std::vector<IpAddress>& ips, std::string_view host) {
  if (const auto ip = IpAddress::parse(host)) ips.push_back(*ip);
}

}  // namespace

StackCore::StackCore(StackSettings stack_settings, Random& random_source, LogSink& log_sink)
    : settings(std::move(stack_settings)),
      random(random_source),
      log(log_sink),
      guard(guard_settings(settings),
            {.dialog_of = [this](const Message& request) { return dialog_of(request); },
             .awaits = [this](const Message& request) { return awaits_notify(request); },
             .is_full = [this] { return sessions.size() >= settings.sessions_max; }},
            log_sink),
      transactions(settings.transport, settings.timers, random_source, log_sink),
      allow_events(list_of_packages(settings)),
      subscriptions(std::make_unique<Subscriptions>(*this)),
      publications(std::make_unique<Publications>(*this)) {
  for (const auto& package : settings.info_packages) recv_info += (recv_info.empty() ? "" : ", ") + package;
  transactions.set_gate(&guard);
}

StackCore::~StackCore() = default;

void StackCore::note(LogLevel level, LogTag tag, Time now, std::uint64_t line, std::uint64_t call,
                     std::string text) {
  if (log.wants(tag, level)) log.write({now, level, tag, line, call, std::move(text)});
}

namespace {

std::string merge_key(const Message& invite) {
  return fmt::format("{}\n{}\n{}", invite.value(HeaderId::call_id), tag_of(invite, HeaderId::from),
                     cseq_of(invite));
}

}  // namespace

void StackCore::waits(ServerTransactionId id, SessionId session, const Message& invite) {
  auto key = merge_key(invite);
  merge_keys.insert(key);
  invites.emplace(id, WaitingInvite{session, std::move(key)});
}

bool StackCore::answered(ServerTransactionId id) {
  const auto at = invites.find(id);
  if (at == invites.end()) return false;
  merge_keys.erase(at->second.merge_key);
  invites.erase(at);
  return true;
}

bool StackCore::waits_already(const Message& invite) const { return merge_keys.contains(merge_key(invite)); }

// Which sources speak for a line: what its server is known to be. Until a name is resolved nobody does.
void StackCore::know(const AccountState& state) {
  const auto& account = state.account;
  std::vector<IpAddress> ips;
  for (const auto& seen : state.server_ips.all()) ips.push_back(seen.ip);
  const auto uri = Uri::parse(account.uri);
  if (account.server)
    add_numeric(ips, account.server->host);
  else if (uri)
    add_numeric(ips, uri->host);
  if (state.flow) ips.push_back(state.flow->remote.ip);
  const bool tls_only =
      account.server ? account.server->transport == Transport::tls : uri && uri->scheme == Uri::Scheme::sips;
  guard.set_servers(state.id.value, std::move(ips), tls_only);
  account_index.put(state);
}

void StackCore::learn_server(AccountState& account, const IpAddress& ip, Time now) {
  account.server_ips.add(ip, now);
  know(account);
}

void StackCore::forget(const AccountState& state) {
  guard.forget_servers(state.id.value);
  account_index.remove(state.id);
}

std::shared_ptr<const Dialog> StackCore::dialog_of(const Message& request) const {
  const auto* entry = dialogs.find(Dialog::key(
      request.value(HeaderId::call_id), tag_of(request, HeaderId::to), tag_of(request, HeaderId::from)));
  return entry == nullptr ? nullptr : entry->dialog;
}

// Until its first NOTIFY a subscription stands there without the peer's tag.
bool StackCore::awaits_notify(const Message& request) const {
  return request.method() == Method::notify &&
         dialogs.find(Dialog::key(request.value(HeaderId::call_id), tag_of(request, HeaderId::to), {})) !=
             nullptr;
}

void StackCore::forget(InviteSession& session) {
  for (const auto& key : session.dialog_keys()) {
    dialogs.remove_session(key);
    guard.forget_dialog(key);
  }
  const auto at = sessions.find(session.id());
  if (at == sessions.end()) return;
  finished.push_back(std::move(at->second));
  sessions.erase(at);
}

}  // namespace sidetone::sip
