#include "sip/stack_core.h"

#include <fmt/format.h>

#include "base/shrink.h"
#include "sip/message/headers.h"
#include "sip/message/option_tags.h"
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

std::string list_of_methods(const StackSettings& settings) {
  std::string list(own_methods);
  for (const auto method : settings.user_methods) list += fmt::format(", {}", to_string(method));
  return list;
}

// A server has no line whose server could be asked for.
GuardSettings guard_settings(const StackSettings& settings) {
  auto guard = settings.guard;
  if (settings.server_role) guard.accept_from = AcceptFrom::anyone;
  return guard;
}

}  // namespace

StackCore::StackCore(StackSettings stack_settings, Random& random_source, LogSink& log_sink)
    : settings(std::move(stack_settings)),
      random(random_source),
      log(log_sink),
      guard(guard_settings(settings),
            {.dialog_of = [this](const Message& request) { return dialog_of(request); },
             .awaits = [this](const Message& request) { return awaits_notify(request); },
             .awaits_response = [this](std::string_view branch) { return transactions.awaits(branch); },
             .is_full = [this] { return sessions.size() >= settings.sessions_max; }},
            log_sink),
      transactions(settings.transport, settings.timers, random_source, log_sink),
      allow(list_of_methods(settings)),
      allow_events(list_of_packages(settings)),
      subscriptions(std::make_unique<Subscriptions>(*this)),
      publications(std::make_unique<Publications>(*this)) {
  for (const auto& package : settings.info_packages) recv_info += (recv_info.empty() ? "" : ", ") + package;
  transactions.set_gate(&guard);
}

StackCore::~StackCore() = default;

void StackCore::shrink() {
  shrink_if_sparse(sessions);
  shrink_if_sparse(clients);
  shrink_if_sparse(abandoned);
  shrink_if_sparse(server_requests);
  shrink_if_sparse(client_requests);
  shrink_if_sparse(invites);
  shrink_if_sparse(merge_keys);
}

void StackCore::note(LogLevel level, LogTag tag, Time now, std::uint64_t account, std::uint64_t session,
                     std::string text) {
  if (log.wants(tag, level)) log.write({now, level, tag, {}, 0, std::move(text), account, session});
}

void StackCore::name_in_log(const AccountState* account, SessionId session, std::string_view call_id) const {
  if (log.wants_sip())
    log.name({account != nullptr ? account->id.value : 0, session.value, std::string(call_id), {}, 0});
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
