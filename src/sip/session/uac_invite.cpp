// The first INVITE as its caller (RFC 3261 §13.2): provisional responses, forks, the final response.
#include <utility>

#include "sip/message/headers.h"
#include "sip/session/invite_session.h"
#include "sip/session/reliable.h"

namespace sidetone::sip {

void InviteSession::call(Message invite, NextHop hop, CallWishes wishes, Time now) {
  state_ = State::calling;
  wishes_ = wishes;
  hop_ = hop;
  local_sdp_ = std::string(invite.body());
  timer_.add_to(invite);
  is_caller_ = true;
  local_tag_ = std::string(tag_of(invite, HeaderId::from));
  // A challenge makes a new request with a new CSeq before there is any dialog (§22.2).
  auto next_cseq = [cseq = cseq_of(invite)]() mutable { return ++cseq; };
  client_ = InviteClient::send(core_, weak_from_this(), nullptr, std::move(invite), std::move(hop), account_,
                               std::move(next_cseq), now);
  watch_progress(now);
}

void InviteSession::watch_progress(Time now) {
  const auto limit = core_.settings.progress_max;
  if (limit.count() == 0) return;
  progress_ = core_.timers.start(now + limit, "call_progress", [this](Time then) {
    if (state_ != State::calling) return;
    cancel_cause_ = EndCause::timeout;
    static_cast<void>(end({}, then));
  });
}

bool InviteSession::awaits(const InviteClient& client) const {
  if (client_.get() != &client || owes_ack_) return false;
  return client.is_first() ? state_ == State::calling || state_ == State::cancelling
                           : state_ == State::confirmed;
}

void InviteSession::on_invite_response(const Outcome& outcome, Time now) {
  if (!outcome.is_final()) return on_provisional(outcome, now);
  if (outcome.is_success()) return on_accepted(outcome, now);
  if (state_ == State::calling && outcome.status == 422 && timer_.raise(*outcome.message)) {
    const auto* last = client_->request();
    if (!last) return;
    Message invite = *last;
    timer_.add_to(invite);
    forget_early_dialogs(now);
    return send_again(std::move(invite), hop_, now);
  }
  if (state_ == State::calling && redirect(outcome, now)) return;
  auto cause = EndCause::refused;
  if (!outcome.message) cause = outcome.status == 408 ? EndCause::timeout : EndCause::transport;
  if (state_ == State::cancelling) cause = cancel_cause_;
  finish(cause, outcome.status, outcome.text, outcome.message, now);
}

EarlyDialog* InviteSession::early_dialog(const Outcome& outcome, Time now) {
  const auto tag = tag_of(*outcome.message, HeaderId::to);
  const auto* invite = client_->request();
  if (tag.empty() || !invite) return nullptr;
  if (auto* known = early_.find(tag)) {
    refresh_target(known->dialog, *outcome.message, now);
    return known;
  }
  auto* early =
      early_.add(core_.branch_ids.next(),
                 std::make_shared<Dialog>(Dialog::as_caller(*invite, *outcome.message, outcome.flow)));
  if (early) index(early->dialog, now);
  return early;
}

void InviteSession::on_provisional(const Outcome& outcome, Time now) {
  const auto& message = *outcome.message;
  auto* early = outcome.status == 100 ? nullptr : early_dialog(outcome, now);
  if (outcome.status != 100 && progress_.running()) watch_progress(now);
  note_peer(message);
  auto sdp = sdp_of(message);
  // RFC 3261 §13.2.1: once answered reliably, further descriptions are ignored.
  if (early && early->offers.settled) sdp.clear();
  const bool reliable = early && is_reliable(message);
  bool needs_prack = false;
  if (reliable) {
    if (!is_next_reliable(early->last_rseq, message)) return;  // again, or before its turn: §4 of RFC 3262
    auto& offers = early->offers;
    if (!sdp.empty() && client_->has_offer()) offers.settled = true;
    const bool is_offer = !sdp.empty() && !client_->has_offer();  // RFC 3262 §5: the PRACK must answer it
    needs_prack = state_ == State::calling && (is_offer || wishes_.prack_by_user);
    if (needs_prack) {
      offers.unpracked = outcome.message;
      offers.answer_owed = is_offer;
    } else {
      send_prack(early->dialog, message, {}, false, now);
    }
  }
  if (state_ != State::calling) return;  // the user has hung up
  core_.emit(ProvisionalReceived{id_, early ? early->branch : BranchId{}, outcome.status,
                                 std::string(message.reason()), std::move(sdp), reliable, outcome.message,
                                 needs_prack});
}

void InviteSession::on_accepted(const Outcome& outcome, Time now) {
  auto* early = early_.find(tag_of(*outcome.message, HeaderId::to));
  const auto* invite = client_->request();
  auto dialog = early ? early->dialog : nullptr;
  if (dialog)
    dialog->confirm(*outcome.message, outcome.flow);
  else if (invite)
    dialog = std::make_shared<Dialog>(Dialog::as_caller(*invite, *outcome.message, outcome.flow));
  if (!dialog) return;
  progress_.stop();
  branch_ = early ? early->branch : core_.branch_ids.next();
  offers_ = early ? std::exchange(early->offers, {}) : OfferState{};
  for (auto& other : early_.all()) drop_offer(other.offers, 487, now);
  confirm(std::move(dialog), now);
  note_peer(*outcome.message);

  if (state_ == State::cancelling) {  // §9.1, §15: the CANCEL came too late
    client_->ack(*dialog_, {}, now);
    client_.reset();
    return send_bye(end_after_ack_.value_or(std::vector<ExtraHeader>{}), cancel_cause_, now);
  }
  state_ = State::confirmed;
  timer_.on_2xx(*outcome.message, now);
  auto sdp = offers_.settled ? std::string{} : sdp_of(*outcome.message);
  // Without an offer from either side there is nothing to answer; the user will find the call silent.
  owes_ack_ = !client_->has_offer() && !offers_.settled && !sdp.empty();
  offers_.settled = true;
  offers_.unpracked.reset();
  offers_.answer_owed = false;
  core_.emit(Accepted{id_, branch_, std::move(sdp), owes_ack_, outcome.message});
  if (owes_ack_) return;
  client_->ack(*dialog_, {}, now);
  client_.reset();
}

Expected<void> InviteSession::ack(std::string_view sdp, Time now) {
  if (!sdp.empty()) local_sdp_ = sdp;
  if (reinvite_.unpracked && state_ == State::confirmed) {  // RFC 6337 pattern 4
    const auto response = std::exchange(reinvite_.unpracked, nullptr);
    reinvite_.settled = true;
    send_prack(dialog_, *response, sdp, false, now);
    return {};
  }
  if (!owes_ack_ || state_ != State::confirmed) return wrong_state("no 2xx waits for an ACK");
  owes_ack_ = false;
  client_->ack(*dialog_, sdp, now);
  client_.reset();
  return {};
}

}  // namespace sidetone::sip
