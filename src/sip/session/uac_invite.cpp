// The first INVITE as its caller (RFC 3261 §13.2): provisional responses, forks, the final response.
#include "sip/message/headers.h"
#include "sip/session/invite_session.h"
#include "sip/session/reliable.h"

namespace sidetone::sip {

void InviteSession::call(Message invite, NextHop hop, Time now) {
  state_ = State::calling;
  is_caller_ = true;
  local_tag_ = std::string(tag_of(invite, HeaderId::from));
  // A challenge makes a new request with a new CSeq before there is any dialog (§22.2).
  auto next_cseq = [cseq = cseq_of(invite)]() mutable { return ++cseq; };
  client_ = InviteClient::send(core_, weak_from_this(), nullptr, std::move(invite), std::move(hop), account_,
                               std::move(next_cseq), now);
}

bool InviteSession::awaits(const InviteClient& client) const {
  if (client_.get() != &client || owes_ack_) return false;
  return client.is_first() ? state_ == State::calling || state_ == State::cancelling
                           : state_ == State::confirmed;
}

void InviteSession::on_invite_response(const Outcome& outcome, Time now) {
  if (!outcome.is_final()) return on_provisional(outcome, now);
  if (outcome.is_success()) return on_accepted(outcome, now);
  auto cause = EndCause::refused;
  if (!outcome.message) cause = outcome.status == 408 ? EndCause::timeout : EndCause::transport;
  if (state_ == State::cancelling) cause = EndCause::cancelled;
  finish(cause, outcome.status, outcome.text, outcome.message, now);
}

EarlyDialog* InviteSession::early_dialog(const Outcome& outcome) {
  const auto tag = tag_of(*outcome.message, HeaderId::to);
  const auto* invite = client_->request();
  if (tag.empty() || !invite) return nullptr;
  if (auto* known = early_.find(tag)) {
    known->dialog->refresh_target(*outcome.message);
    return known;
  }
  auto* early =
      early_.add(core_.branch_ids.next(),
                 std::make_shared<Dialog>(Dialog::as_caller(*invite, *outcome.message, outcome.flow)));
  if (early) index(early->dialog);
  return early;
}

void InviteSession::on_provisional(const Outcome& outcome, Time now) {
  const auto& message = *outcome.message;
  auto* early = outcome.status == 100 ? nullptr : early_dialog(outcome);
  auto sdp = sdp_of(message);
  const bool reliable = early && is_reliable(message);
  if (reliable) {
    if (!is_next_reliable(early->last_rseq, message)) return;  // again, or before its turn: §4 of RFC 3262
    if (!sdp.empty() && client_->has_offer()) early->answered = true;
    send_prack(early->dialog, message, now);
  }
  if (state_ != State::calling) return;  // the user has hung up
  core_.emit(ProvisionalReceived{id_, early ? early->branch : BranchId{}, outcome.status,
                                 std::string(message.reason()), std::move(sdp), reliable, outcome.message});
}

void InviteSession::on_accepted(const Outcome& outcome, Time now) {
  const auto* early = early_.find(tag_of(*outcome.message, HeaderId::to));
  const auto* invite = client_->request();
  const auto branch = early ? early->branch : core_.branch_ids.next();
  auto dialog = early ? early->dialog : nullptr;
  if (dialog)
    dialog->confirm(*outcome.message, outcome.flow);
  else if (invite)
    dialog = std::make_shared<Dialog>(Dialog::as_caller(*invite, *outcome.message, outcome.flow));
  if (!dialog) return;
  confirm(std::move(dialog));

  if (state_ == State::cancelling) {  // §9.1, §15: the CANCEL came too late
    client_->ack(*dialog_, {}, now);
    client_.reset();
    return send_bye(end_after_ack_.value_or(std::vector<ExtraHeader>{}), EndCause::cancelled, now);
  }
  state_ = State::confirmed;
  auto sdp = sdp_of(*outcome.message);
  // Without an offer from either side there is nothing to answer; the user will find the call silent.
  owes_ack_ = !client_->has_offer() && !sdp.empty();
  core_.emit(Accepted{id_, branch, std::move(sdp), owes_ack_, outcome.message});
  if (owes_ack_) return;
  client_->ack(*dialog_, {}, now);
  client_.reset();
}

Expected<void> InviteSession::ack(std::string_view sdp, Time now) {
  if (!owes_ack_ || state_ != State::confirmed) return wrong_state("no 2xx waits for an ACK");
  owes_ack_ = false;
  client_->ack(*dialog_, sdp, now);
  client_.reset();
  return {};
}

}  // namespace sidetone::sip
