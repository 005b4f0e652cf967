// Requests of ours: credentials are added at once when a challenge was seen before, and a 401 or 407 is
// answered for every method alike (RFC 3261 §22).
#include <fmt/format.h>

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

OutgoingPtr StackCore::send(Message request, NextHop hop, AccountPtr account,
                            std::function<std::uint32_t()> next_cseq,
                            std::function<void(const Outcome&, Time)> handler, Time now) {
  // A request shows the certificates of its account, wherever its URI leads.
  if (!hop.tls_profile && account && account->account.server)
    hop.tls_profile = account->account.server->tls_profile;
  if (account) account->digest.authorize(account->account.credentials, request, random);
  auto outgoing = std::make_shared<Outgoing>();
  outgoing->request = std::move(request);
  outgoing->hop = std::move(hop);
  outgoing->account = std::move(account);
  outgoing->next_cseq = std::move(next_cseq);
  outgoing->handler = std::move(handler);
  outgoing->give_up = now + timer_h();
  start(outgoing, now);
  return outgoing;
}

OutgoingPtr StackCore::send_in_dialog(const std::shared_ptr<Dialog>& dialog, Message request,
                                      AccountPtr account, std::function<void(const Outcome&, Time)> handler,
                                      Time now) {
  add_product(request);
  return send(
      std::move(request), dialog->next_hop(), std::move(account), [dialog] { return dialog->next_cseq(); },
      std::move(handler), now);
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
  if (at == clients.end()) return;
  const OutgoingPtr outgoing = at->second;
  note_server(outgoing, outcome, now);
  if (!outcome.is_final()) {
    outgoing->heard = outgoing->heard || outcome.status > 100;
    return outgoing->handler(outcome, now);
  }

  if (outgoing->request.method() == Method::invite && outcome.is_success()) {
    // RFC 3261 §13.2.2.4: further 2xx, from other branches too, for 64*T1.
    if (!outgoing->linger.running())
      outgoing->linger = timers.start(now + timer_h(), "invite_2xx", [this, id](Time) { clients.erase(id); });
    return outgoing->handler(outcome, now);
  }
  clients.erase(at);
  if (try_next(outgoing, outcome, now)) return;
  if (is_challenge(outcome) && outgoing->account && !outgoing->cancelled &&
      outgoing->challenges < challenges_max) {
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
