// Requests of ours: credentials are added at once when a challenge was seen before, and a 401 or 407 is
// answered for every method alike (RFC 3261 §22).
#include <fmt/format.h>

#include "base/text.h"
#include "sip/message/uri.h"
#include "sip/stack_core.h"

namespace sidetone::sip {
namespace {

// Bound: one challenge by a proxy, one by the server behind it, one stale nonce each. A server that goes on
// challenging gets no more requests.
constexpr int challenges_max = 4;

bool is_challenge(const Outcome& outcome) {
  return outcome.message && (outcome.status == 401 || outcome.status == 407);
}

}  // namespace

// The name of the line's server, or where its address-of-record leads.
bool StackCore::is_server_name(const AccountState& account, std::string_view host) {
  if (const auto& server = account.account.server) return iequals(server->host, host);
  const auto uri = Uri::parse(account.account.uri);
  return uri && iequals(uri->host, host);
}

bool StackCore::is_for_server(const AccountState& account, const NextHop& hop) const {
  if (hop.flow) return guard.knows(hop.flow->remote.ip, hop.flow->transport);
  if (settings.server_role || is_server_name(account, hop.host)) return true;
  const auto ip = IpAddress::parse(hop.host);
  return ip && guard.knows(*ip, hop.transport);
}

// A server that goes by a name may answer from an address that is not known yet: who answers the request that
// was sent to it is the server, nobody else knows the branch.
bool StackCore::may_challenge(const Outgoing& outgoing, const Flow& flow) const {
  if (guard.knows(flow.remote.ip, flow.transport)) return true;
  return !outgoing.hop.flow && is_server_name(*outgoing.account, outgoing.hop.host) &&
         !IpAddress::parse(outgoing.hop.host);
}

OutgoingPtr StackCore::send(Message request, NextHop hop, AccountPtr account,
                            std::function<std::uint32_t()> next_cseq,
                            std::function<void(const Outcome&, Time)> handler, Time now,
                            bool may_authenticate) {
  // A request shows the certificates of its account, wherever its URI leads.
  if (!hop.tls_profile && account && account->account.server)
    hop.tls_profile = account->account.server->tls_profile;
  may_authenticate = may_authenticate && account && is_for_server(*account, hop);
  if (may_authenticate) account->digest.authorize(account->account.credentials, request, random);
  auto outgoing = std::make_shared<Outgoing>();
  outgoing->request = std::move(request);
  outgoing->hop = std::move(hop);
  outgoing->account = std::move(account);
  outgoing->next_cseq = std::move(next_cseq);
  outgoing->handler = std::move(handler);
  outgoing->may_authenticate = may_authenticate;
  outgoing->give_up = now + timer_h();
  start(outgoing, now);
  return outgoing;
}

OutgoingPtr StackCore::send_in_dialog(const std::shared_ptr<Dialog>& dialog, Message request,
                                      AccountPtr account, std::function<void(const Outcome&, Time)> handler,
                                      Time now) {
  add_product(request);
  const bool may_authenticate =
      dialog->is_ours() || (account && account->account.authenticate_in_incoming_dialogs);
  return send(
      std::move(request), dialog->next_hop(), std::move(account), [dialog] { return dialog->next_cseq(); },
      std::move(handler), now, may_authenticate);
}

void StackCore::cancel(Outgoing& outgoing, std::string reason, Time now) {
  if (outgoing.cancelled) return;
  outgoing.cancelled = true;
  if (!outgoing.transaction)
    return settle_later(outgoing, {408, nullptr, {}, "Cancelled before it was sent"});
  transactions.cancel(outgoing.transaction, now, std::move(reason));
}

void StackCore::on_response(ClientTransactionId id, Outcome outcome, Time now) {
  const auto at = clients.find(id);
  if (at == clients.end()) return on_late_answer(id, std::move(outcome), now);
  const OutgoingPtr outgoing = at->second;
  note_server(outgoing, outcome, now);
  if (!outcome.is_final()) {
    outgoing->heard = outgoing->heard || outcome.status > 100;
    return outgoing->handler(outcome, now);
  }

  if (outgoing->may_authenticate && outcome.message && outcome.is_success())
    outcome.proof = outgoing->account->digest.take_info(
        *outcome.message, outgoing->account->account.credentials, outgoing->request);
  if (outgoing->request.method() == Method::invite && outcome.is_success()) {
    // RFC 3261 §13.2.2.4: further 2xx, from other branches too, for 64*T1.
    if (!outgoing->linger.running())
      outgoing->linger = timers.start(now + timer_h(), "invite_2xx", [this, id](Time) { clients.erase(id); });
    return outgoing->handler(outcome, now);
  }
  clients.erase(at);
  if (outcome.status == 408 && !outcome.message && outgoing->request.method() == Method::invite)
    abandoned.emplace(id, outgoing);
  if (try_next(outgoing, outcome, now)) return;
  if (is_challenge(outcome) && outgoing->may_authenticate && !outgoing->cancelled &&
      may_challenge(*outgoing, outcome.flow) && outgoing->challenges < challenges_max) {
    Message retry = outgoing->request;
    if (outgoing->account->digest.answer(*outcome.message, outgoing->account->account.credentials, retry,
                                         random)) {
      ++outgoing->challenges;
      retry.set(HeaderId::cseq, fmt::format("{} {}", outgoing->next_cseq(), retry.method_name()));
      outgoing->request = std::move(retry);
      return transmit(outgoing, now);
    }
  }
  outgoing->handler(outcome, now);
}

// RFC 3261 §13.2.2.4: whoever answered is acknowledged and hung up, not left alone in a call until he gives
// up.
void StackCore::on_late_answer(ClientTransactionId id, Outcome outcome, Time now) {
  const auto at = abandoned.find(id);
  if (at == abandoned.end() || !outcome.is_success()) return;
  const OutgoingPtr outgoing = at->second;
  outcome.is_late = true;
  outgoing->handler(outcome, now);
}

// RFC 3261 §15.1.1 ends the dialog here whatever becomes of the BYE. One that met an unreachable network,
// which may last a second, would leave the peer up alone for hours; the time of a lost one is spent on it.
void StackCore::send_bye(std::shared_ptr<Dialog> dialog, std::vector<ExtraHeader> headers, AccountPtr account,
                         std::function<void(const Outcome&, Time)> handler, Time now) {
  attempt_bye(
      {std::move(dialog), std::move(headers), std::move(account), std::move(handler), now + timer_h(), {}},
      now);
}

void StackCore::attempt_bye(UnsentBye bye, Time now) {
  const auto dialog = bye.dialog;
  auto account = bye.account;
  auto request = dialog->request(Method::bye);  // each with a CSeq of its own
  add_headers(request, bye.headers);
  auto kept = std::make_shared<UnsentBye>(std::move(bye));
  send_in_dialog(
      dialog, std::move(request), std::move(account),
      [this, kept](const Outcome& outcome, Time then) {
        const bool never_left = outcome.status == 503 && !outcome.message;
        const auto next = then + settings.timers.t2;
        if (!never_left || next > kept->give_up) return kept->handler(outcome, then);
        const auto id = ++last_unsent_bye;
        auto& unsent = unsent_byes.emplace(id, std::move(*kept)).first->second;
        unsent.again = timers.start(next, "bye_again", [this, id](Time due) {
          auto waiting = unsent_byes.extract(id);
          attempt_bye(std::move(waiting.mapped()), due);
        });
      },
      now);
}

void StackCore::send_stray_bye(const std::shared_ptr<Dialog>& dialog, AccountPtr account, Time now) {
  send_bye(dialog, {}, std::move(account), [](const Outcome&, Time) {}, now);
}

}  // namespace sidetone::sip
