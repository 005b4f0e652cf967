#include "sip/session/match_replaces.h"

#include "sip/message/replaces.h"
#include "sip/session/invite_session.h"

namespace sidetone::sip {
namespace {

// A line's call can be named by an INVITE to the same line only: others are none of its callers' business.
const InviteSession* find_session(const StackCore& core, std::string_view call_id, std::string_view to_tag,
                                  std::string_view from_tag, const AccountPtr& account) {
  // "0" stands for a peer that gave no tag (RFC 3891 §6.1).
  auto id = core.dialogs.session_of(Dialog::key(call_id, to_tag, from_tag));
  if (!id && from_tag == "0") id = core.dialogs.session_of(Dialog::key(call_id, to_tag, {}));
  const auto at = core.sessions.find(id);
  if (at == core.sessions.end()) return nullptr;
  const bool same_line = at->second->account() == account || core.settings.server_role;
  return same_line ? at->second.get() : nullptr;
}

// RFC 3891 §3 wants the new caller to be entitled. Our servers vouch for those that they let through, and the
// place where the dialog's messages come from has it in its hands anyway; the tags alone prove nothing.
bool may_replace(const StackCore& core, const InviteSession& session, const Flow& flow) {
  const auto& account = session.account();
  if (core.settings.server_role || !account || !account->account.server) return true;
  const auto dialog = session.dialog();
  return is_server_of(*account, flow.remote.ip) ||
         (account->flow && account->flow->remote.ip == flow.remote.ip) ||
         (dialog && dialog->flow().remote.ip == flow.remote.ip);
}

}  // namespace

ReplacedSession find_replaced(const StackCore& core, const Message& invite, const AccountPtr& account,
                              const Flow& flow) {
  const auto* field = invite.find(HeaderId::replaces);
  if (!field) return {};
  const auto replaces = Replaces::parse(field->value);
  if (!replaces) return {{}, 400};
  const auto* session = find_session(core, replaces->call_id, replaces->to_tag, replaces->from_tag, account);
  if (!session) return {{}, 481};
  if (!may_replace(core, *session, flow)) return {{}, 403};
  const int refusal = session->refusal_to_replace(replaces->early_only);
  return refusal == 0 ? ReplacedSession{session->id(), 0} : ReplacedSession{{}, refusal};
}

SessionId find_joined(const StackCore& core, const Message& invite, const AccountPtr& account) {
  const auto* field = invite.find(HeaderId::join);
  const auto join = field ? Join::parse(field->value) : Expected<Join>(Join{});
  if (!field || !join) return {};
  const auto* session = find_session(core, join->call_id, join->to_tag, join->from_tag, account);
  return session ? session->id() : SessionId{};
}

}  // namespace sidetone::sip
