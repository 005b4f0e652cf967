// Offers within a dialog by INVITE (RFC 3261 §14), from both sides.
#include "sip/message/option_tags.h"
#include "sip/message/sdp_body.h"
#include "sip/session/failure_scope.h"
#include "sip/session/invite_session.h"
#include "sip/session/reliable.h"

namespace sidetone::sip {

// --- ours

Expected<void> InviteSession::offer_by_reinvite(std::string_view sdp, Time now) {
  // §14.1: not while another INVITE runs in either direction, nor before the time that glare set.
  if (client_ || !unacknowledged_.empty()) return wrong_state("another offer is under way");
  auto invite = dialog_->request(Method::invite);
  core_.add_contact(invite, account_.get(), dialog_->flow(), dialog_->is_secure());
  core_.add_capabilities(invite);
  core_.add_product(invite);
  timer_.add_to(invite);
  add_headers(invite, offer_headers_);
  if (!sdp.empty()) invite.set_body(sdp, "application/sdp");
  if (!sdp.empty()) local_sdp_ = sdp;
  reinvite_ = {};
  client_ = InviteClient::send(
      core_, weak_from_this(), dialog_, std::move(invite), dialog_->next_hop(), account_,
      [dialog = dialog_] { return dialog->next_cseq(); }, now);
  return {};
}

// A reliable response may hold the answer, which counts once the 2xx is there: until then the INVITE may
// still fail, and with it the change (RFC 6141 §3.1). Or it holds an offer, which the PRACK has to answer.
void InviteSession::on_reinvite_provisional(const Message& message, MessagePtr shared, Time now) {
  if (!is_reliable(message) || !is_next_reliable(reinvite_.rseq, message)) return;
  auto sdp = reinvite_.settled ? std::string{} : sdp_of(message);
  if (!sdp.empty() && !client_->has_offer()) {
    reinvite_.unpracked = std::move(shared);
    return core_.emit(OfferAnswered{id_, std::move(sdp), true, branch_});
  }
  if (!sdp.empty()) {
    reinvite_.answer = std::move(sdp);
    reinvite_.settled = true;
  }
  send_prack(dialog_, message, {}, false, now);
}

void InviteSession::on_reinvite_response(const Outcome& outcome, Time now) {
  if (!outcome.is_final()) return on_reinvite_provisional(*outcome.message, outcome.message, now);
  if (outcome.is_success()) {
    refresh_target(dialog_, *outcome.message, now);
    note_peer(*outcome.message);
    timer_.on_2xx(*outcome.message, now);
    // §13.2.1: the first description counts, later ones are ignored.
    const bool offered = client_->has_offer();
    auto sdp = reinvite_.settled ? std::move(reinvite_.answer) : sdp_of(*outcome.message);
    const bool has_offer = !offered && !reinvite_.settled && !reinvite_.unpracked && !sdp.empty();
    // The 2xx owes an offer and has none: nothing can be answered, and the session stays as it was (§14.1).
    const bool lacks_offer = !offered && !reinvite_.settled && !reinvite_.unpracked && sdp.empty();
    owes_ack_ = has_offer || (offered && reinvite_.ack_by_user);
    if (offered || owes_ack_) core_.emit(OfferAnswered{id_, std::move(sdp), owes_ack_, branch_});
    if (owes_ack_) return;
    reinvite_.unpracked.reset();
    client_->ack(*dialog_, {}, now);
    client_.reset();
    if (lacks_offer) core_.emit(OfferFailed{id_, 488, "the 2xx has no offer", branch_});
    return;
  }
  if (outcome.status == 422 && timer_.raise(*outcome.message)) return send_reinvite_again(now);
  client_.reset();
  reinvite_ = {};
  if (outcome.status == 491) return back_off(branch_, now);
  // Made up for a transport error: the next attempt may find another way.
  const bool transport = !outcome.message && outcome.status != 408;
  if (!transport && ends_invite_usage(outcome.status))
    return end_with_stray_bye(outcome.message ? EndCause::dialog_gone : EndCause::timeout, outcome.status,
                              outcome.text, outcome.message, {}, now);
  timer_.try_again(now);
  core_.emit(OfferFailed{id_, outcome.status, outcome.text, branch_});
}

// RFC 4028 §7.3
void InviteSession::send_reinvite_again(Time now) {
  const auto* last = client_->request();
  if (!last) return;
  Message invite = *last;
  timer_.add_to(invite);
  invite.set(HeaderId::cseq, std::to_string(dialog_->next_cseq()) + " INVITE");
  reinvite_ = {.rseq = {}, .answer = {}, .unpracked = {}, .ack_by_user = reinvite_.ack_by_user};
  client_ = InviteClient::send(
      core_, weak_from_this(), dialog_, std::move(invite), dialog_->next_hop(), account_,
      [dialog = dialog_] { return dialog->next_cseq(); }, now);
}

// --- theirs

bool InviteSession::refuse_short_interval(ServerTransactionId server, const Message& request, Time now) {
  const auto least = timer_.too_short(request);
  if (least) reply(server, request, 422, now, {{"Min-SE", std::to_string(*least)}});
  return least.has_value();
}

void InviteSession::on_reinvite(ServerTransactionId server, const MessagePtr& request, const Place& at,
                                Time now) {
  if (refuse_conflict(server, *request, *at.offers, now)) return;
  const auto sdp = find_sdp(*request);
  if (!sdp) return reply(server, *request, 415, now, {{"Accept", std::string(accepted_types)}});
  if (refuse_short_interval(server, *request, now)) return;
  core_.waits(server, id_, *request);
  core_.respond(server, core_.response(*request, 100, {}, {}), now);
  raise_offer(server, request, std::string(*sdp), at);
}

}  // namespace sidetone::sip
