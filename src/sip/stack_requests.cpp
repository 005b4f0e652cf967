// Requests that are neither INVITE sessions nor registrations: the user's own, and those that come up.
#include <algorithm>

#include "sip/dialog/next_hop.h"
#include "sip/session/invite_session.h"
#include "sip/stack_core.h"
#include "sip/subscription/subscriptions.h"

namespace sidetone::sip {
namespace {

template <typename Table>
std::vector<typename Table::key_type> ids_of(const Table& table, SessionId session) {
  std::vector<typename Table::key_type> ids;
  for (const auto& [id, pending] : table)
    if (pending.session == session) ids.push_back(id);
  std::sort(ids.begin(), ids.end());  // the same order in every run
  return ids;
}

std::function<void(const Outcome&, Time)> reporting(StackCore& core, ClientRequestId id, Method method) {
  return [&core, id, method](const Outcome& outcome, Time now) {
    if (!outcome.is_final()) return;
    const auto at = core.client_requests.find(id);
    if (at == core.client_requests.end()) return;  // its session has ended
    const auto session = at->second.session;
    core.client_requests.erase(at);
    core.emit(RequestFinished{id, session, outcome.status, outcome.message});
    if (outcome.is_success() || !session) return;
    const auto in = core.sessions.find(session);
    if (in == core.sessions.end()) return;
    const auto keep = in->second;
    keep->on_request_failed(method, outcome, now);
  };
}

// Methods that have or make a usage of their own, and whose requests and 2xx carry a Contact (RFC 6665 §8.2,
// RFC 3515 §2.2).
bool refreshes_target(Method method) {
  return method == Method::refer || method == Method::subscribe || method == Method::notify;
}

bool is_reserved(Method method) {
  return method == Method::invite || method == Method::ack || method == Method::cancel ||
         method == Method::bye || method == Method::prack || method == Method::update ||
         method == Method::other;
}

}  // namespace

void StackCore::raise(ServerTransactionId id, AccountId account, SessionId session, MessagePtr request,
                      const Flow& flow, Time now) {
  if (!subscriptions->admit(id, *request, session, now)) return;
  const auto request_id = server_request_ids.next();
  auto& pending = server_requests[request_id];
  pending.transaction = id;
  pending.request = request;
  pending.account = account;
  pending.session = session;
  pending.flow = flow;
  pending.to_tag = random.token(12);
  // Bound: after 64*T1 the sender has given up (timer F); a user that forgot must not make us keep it.
  pending.unanswered = timers.start(now + timer_h(), "request_unanswered", [this, request_id](Time then) {
    const auto node = server_requests.extract(request_id);
    const auto& late = node.mapped();
    respond(late.transaction, response(*late.request, 500, {}, late.to_tag), then);
  });
  emit(subscriptions->event_for({request_id, account, session, std::move(request), flow}));
}

Expected<void> StackCore::answer_request(ServerRequestId id, const Response& answer, Time now) {
  const auto at = server_requests.find(id);
  if (at == server_requests.end()) return fail(Layer::sip, Fault::not_found, "no such request waits");
  if (answer.status < 100 || answer.status > 699)
    return fail(Layer::sip, Fault::range, "a response has a status of 100 to 699");
  const auto& pending = at->second;
  auto message = response(*pending.request, answer.status, answer.reason, pending.to_tag);
  if (answer.status < 300 && refreshes_target(pending.request->method())) {
    const auto account = accounts.find(pending.account);
    add_contact(message, account == accounts.end() ? nullptr : account->second.get(), pending.flow);
  }
  add_headers(message, answer.headers);
  if (answer.status == 405 && !message.has(HeaderId::allow)) message.add(HeaderId::allow, allow);  // §8.2.1
  if (!answer.body.empty()) message.set_body(answer.body, answer.content_type);
  const auto transaction = pending.transaction;
  if (answer.status >= 200) server_requests.erase(at);
  respond(transaction, std::move(message), now);
  return {};
}

void StackCore::drop_requests(SessionId session, Time now) {
  for (const auto id : ids_of(server_requests, session)) {
    const auto node = server_requests.extract(id);
    respond(node.mapped().transaction, response(*node.mapped().request, 487, {}, node.mapped().to_tag), now);
  }
  for (const auto id : ids_of(client_requests, session)) {
    client_requests.erase(id);
    emit(RequestFinished{id, session, 481, nullptr});
  }
}

Expected<ClientRequestId> StackCore::request_in_dialog(InviteSession& session, Method method,
                                                       const std::vector<ExtraHeader>& headers,
                                                       std::string_view body, std::string_view content_type,
                                                       Time now) {
  if (is_reserved(method))
    return fail(Layer::sip, Fault::unsupported, "the stack sends this method by itself");
  if (!session.can_send_requests()) return wrong_state("the call has no dialog");
  const auto dialog = session.dialog();
  auto message = dialog->request(method);
  if (refreshes_target(method))
    add_contact(message, session.account().get(), dialog->flow(), dialog->is_secure());
  add_headers(message, headers);
  if (!body.empty()) message.set_body(body, content_type);
  const auto id = client_request_ids.next();
  client_requests.emplace(id, PendingClientRequest{session.id()});
  send_in_dialog(dialog, std::move(message), session.account(), reporting(*this, id, method), now);
  return id;
}

Expected<ClientRequestId> StackCore::request_outside(const OutgoingRequest& wish, Time now) {
  if (is_reserved(wish.method) || wish.method == Method::register_)
    return fail(Layer::sip, Fault::unsupported, "the stack sends this method by itself");
  auto start = start_request(to_string(wish.method), wish.account, wish.target, wish.from_display,
                             wish.from_uri, wish.next_hop);
  if (!start) return tl::make_unexpected(start.error());
  auto& [message, hop, account] = *start;
  add_headers(message, wish.headers);
  if (!wish.body.empty()) message.set_body(wish.body, wish.content_type);
  const auto id = client_request_ids.next();
  client_requests.emplace(id, PendingClientRequest{});
  auto next_cseq = [cseq = std::uint32_t{1}]() mutable { return ++cseq; };
  send(std::move(message), std::move(hop), std::move(account), std::move(next_cseq),
       reporting(*this, id, wish.method), now);
  return id;
}

}  // namespace sidetone::sip
