#include "sip/stack_dispatch.h"

#include <fmt/format.h>

#include "base/text.h"
#include "sip/message/headers.h"
#include "sip/message/option_tags.h"
#include "sip/message/sdp_body.h"
#include "sip/publication/publications.h"
#include "sip/session/invite_session.h"
#include "sip/session/match_replaces.h"
#include "sip/subscription/subscriptions.h"

namespace sidetone::sip {
namespace {

// A method that is known but not for us, and one that nobody has told us of (§8.2.1, §21.5.2).
int refusal_of(Method method) { return method == Method::other ? 501 : 405; }

// Methods that mean nothing outside of a dialog, and those whose To tag names a dialog that is not an INVITE
// session's: a server role may keep such dialogs itself.
bool needs_session(Method method) {
  switch (method) {
    case Method::bye:
    case Method::update:
    case Method::prack:
    case Method::info:
    case Method::invite:
    case Method::subscribe:
    case Method::message: return true;
    default: return false;
  }
}

constexpr const char* no_body_warning = "399 sidetone \"An answer can only be application/sdp\"";

// §8.1.1.8: no dialog without a Contact. RFC 2543, which had no tags yet, did not ask for it; the From is the
// target then (RFC 4475 §3.4.1).
bool has_dialog_target(const Message& invite) {
  const auto contact = NameAddr::parse(invite.value(HeaderId::contact));
  if (contact) return !contact->is_star;
  return !invite.has(HeaderId::contact) && tag_of(invite, HeaderId::from).empty();
}

}  // namespace

void StackDispatch::drain(Time now) {
  do {
    core_.transactions.pump(now);
    while (auto event = core_.transactions.poll_event()) {
      std::visit([&](auto&& value) { on(std::forward<decltype(value)>(value), now); }, std::move(*event));
      core_.transactions.pump(now);
    }
  } while (core_.run_located(now));
  core_.finished.clear();
  core_.shrink();
  core_.subscriptions->settle();
  core_.publications->settle();
}

void StackDispatch::on(RequestReceived request, Time now) {
  if (request.message.method() == Method::ack) {
    if (request.id) return;
    if (auto* session = session_of(request.message)) session->on_ack(request.message, now);
    return;
  }
  if (!is_acceptable(request, now)) return;
  if (tag_of(request.message, HeaderId::to).empty())
    outside_dialog(std::move(request), now);
  else
    in_dialog(std::move(request), now);
}

void StackDispatch::on(CancelReceived cancel, Time now) {
  const auto at = core_.invites.find(cancel.invite);
  if (at == core_.invites.end()) return;
  const auto session = core_.sessions.find(at->second.session);
  if (session == core_.sessions.end()) return;
  const auto keep = session->second;
  keep->on_cancel(cancel.invite, std::make_shared<const Message>(std::move(cancel.message)), now);
}

void StackDispatch::on(ResponseReceived response, Time now) {
  Outcome outcome;
  outcome.status = response.message.status();
  outcome.text = std::string(response.message.reason());
  outcome.flow = response.flow;
  outcome.message = std::make_shared<const Message>(std::move(response.message));
  core_.on_response(response.id, std::move(outcome), now);
}

void StackDispatch::on(ClientFailed failure, Time now) {
  Outcome outcome;
  outcome.status = failure.why == ClientFailed::Why::timeout ? 408 : 503;  // §8.1.3.1
  outcome.text = std::move(failure.text);
  core_.on_response(failure.id, std::move(outcome), now);
}

void StackDispatch::on(const ServerFailed& failure, Time now) {
  const auto at = core_.invites.find(failure.id);
  if (at == core_.invites.end()) return;
  const auto session = core_.sessions.find(at->second.session);
  if (session == core_.sessions.end()) return;
  const auto keep = session->second;
  keep->on_server_failed(failure.id, now);
}

InviteSession* StackDispatch::session_of(const Message& request) const {
  const auto key = Dialog::key(request.value(HeaderId::call_id), tag_of(request, HeaderId::to),
                               tag_of(request, HeaderId::from));
  const auto session = core_.sessions.find(core_.dialogs.session_of(key));
  return session == core_.sessions.end() ? nullptr : session->second.get();
}

bool StackDispatch::is_acceptable(const RequestReceived& request, Time now) {
  const auto& message = request.message;
  if (message.method() == Method::cancel) {  // one that matched no transaction (§9.2)
    core_.refuse(request, 481, now);
    return false;
  }
  if (const auto uri = Uri::parse(message.request_uri()); !uri || uri->scheme == Uri::Scheme::other) {
    core_.refuse(request, 416, now);
    return false;
  }
  // RFC 3891 §3
  if (message.has(HeaderId::replaces) &&
      (message.method() != Method::invite || message.has(HeaderId::join))) {
    core_.refuse(request, 400, now);
    return false;
  }
  std::vector<ExtraHeader> unsupported;
  for (const auto option : message.values(HeaderId::require))
    if (!is_supported_option(option)) unsupported.push_back({"Unsupported", std::string(option)});
  if (unsupported.empty()) return true;
  core_.refuse(request, 420, now, std::move(unsupported));
  return false;
}

void StackDispatch::in_dialog(RequestReceived request, Time now) {
  const auto method = request.message.method();
  if (core_.subscriptions->take(request, now)) return;
  auto* session = session_of(request.message);
  if (!session && in_dialog_of_subscriptions(request, now)) return;
  if (!session) {
    // §12.2.2; RFC 5057 §5.1: OPTIONS in a dialog asks whether the dialog lives, so a dead one must say 481.
    if (method == Method::options) return core_.refuse(request, 481, now);
    const bool user_keeps_it = core_.settings.server_role && !needs_session(method);
    if (!user_keeps_it) return core_.refuse(request, 481, now);
    const auto account = account_for(request.message, request.flow);
    auto message = std::make_shared<const Message>(std::move(request.message));
    return core_.raise(request.id, account ? account->id : AccountId{}, {}, std::move(message), request.flow,
                       now);
  }
  const bool known = method == Method::invite || method == Method::bye || method == Method::update ||
                     method == Method::prack || method == Method::options || core_.is_for_user(method);
  if (!known && !core_.settings.server_role) return core_.refuse(request, refusal_of(method), now);
  const auto keep = session->shared_from_this();
  keep->on_request(request.id, request.flow, std::make_shared<const Message>(std::move(request.message)),
                   now);
}

// RFC 5057 §3: a dialog that no call uses, or none any more. What is of use there without one, is.
bool StackDispatch::in_dialog_of_subscriptions(const RequestReceived& request, Time now) {
  const auto& message = request.message;
  const auto* entry = core_.dialogs.find(Dialog::key(
      message.value(HeaderId::call_id), tag_of(message, HeaderId::to), tag_of(message, HeaderId::from)));
  const auto method = message.method();
  const bool fits = method == Method::options || ((method == Method::subscribe || method == Method::refer) &&
                                                  (core_.is_for_user(method) || core_.settings.server_role));
  if (!entry || !entry->dialog || !fits) return false;
  const auto dialog = entry->dialog;
  if (!dialog->in_order(message)) {
    core_.refuse(request, 500, now);
  } else if (const auto account = account_for(message, request.flow); method == Method::options) {
    core_.answer_options(request.id, message, account.get(), request.flow, now);
  } else {
    core_.raise(request.id, account ? account->id : AccountId{}, {}, std::make_shared<const Message>(message),
                request.flow, now);
  }
  return true;
}

void StackDispatch::outside_dialog(RequestReceived request, Time now) {
  const auto method = request.message.method();
  if (method == Method::invite) return first_invite(std::move(request), now);
  if (method == Method::options) return options(request, now);
  if (method == Method::bye || method == Method::update || method == Method::prack ||
      (method == Method::info && !core_.settings.server_role))
    return core_.refuse(request, 481, now);
  if (!core_.is_for_user(method) && !core_.settings.server_role)
    return core_.refuse(request, refusal_of(method), now);
  const auto account = account_for(request.message, request.flow);
  auto message = std::make_shared<const Message>(std::move(request.message));
  core_.raise(request.id, account ? account->id : AccountId{}, {}, std::move(message), request.flow, now);
}

void StackDispatch::first_invite(RequestReceived request, Time now) {
  const auto sdp = find_sdp(request.message);
  if (!sdp) return core_.refuse(request, 415, now);
  if (!may_be_answered_with_sdp(request.message))  // §20.1, RFC 4475 §3.3.15
    return core_.refuse(request, 406, now, {{"Warning", no_body_warning}});
  if (!has_dialog_target(request.message)) return core_.refuse(request, 400, now);
  // §8.2.2.2: the same request by another way, while the first one still waits for its answer.
  if (core_.waits_already(request.message)) return core_.refuse(request, 482, now);
  // Bound: beyond it the server is overloaded, not the user busy.
  if (core_.sessions.size() >= core_.settings.sessions_max)
    return core_.refuse(request, 503, now, {{"Retry-After", "10"}});
  auto account = account_for(request.message, request.flow);
  if (!account && !core_.settings.server_role) return core_.refuse(request, 404, now);
  const auto replaced = find_replaced(core_, request.message, account, request.flow);
  if (replaced.refusal != 0) return core_.refuse(request, replaced.refusal, now);
  const auto join = find_joined(core_, request.message, account);
  auto text = std::string(*sdp);
  const auto id = core_.session_ids.next();
  core_.name_in_log(account.get(), id, request.message.value(HeaderId::call_id));
  const auto session = std::make_shared<InviteSession>(core_, id, std::move(account));
  core_.sessions.emplace(session->id(), session);
  session->on_first_invite(request.id, request.flow,
                           std::make_shared<const Message>(std::move(request.message)), std::move(text),
                           replaced.session, join, now);
}

void StackDispatch::options(const RequestReceived& request, Time now) {
  const auto account = account_for(request.message, request.flow);
  core_.answer_options(request.id, request.message, account.get(), request.flow, now);
}

AccountPtr StackDispatch::account_for(const Message& request, const Flow& flow) const {
  const auto uri = Uri::parse(request.request_uri());
  const auto at =
      core_.accounts.find(core_.account_index.find(uri ? unescape(uri->user) : std::string{}, flow));
  return at == core_.accounts.end() ? nullptr : at->second;
}

}  // namespace sidetone::sip
