// Offers within a dialog by INVITE (RFC 3261 §14), from both sides.
#include "sip/message/option_tags.h"
#include "sip/message/sdp_body.h"
#include "sip/session/invite_session.h"
#include "sip/session/reliable.h"

namespace sidetone::sip {

// --- ours

Expected<void> InviteSession::offer(std::string_view sdp, Time now) {
  // §14.1: not while another INVITE runs in either direction, nor before the time that glare set.
  if (state_ != State::confirmed) return wrong_state("an offer needs an established call");
  if (client_ || incoming_offer_ || !unacknowledged_.empty() || glare_.running())
    return wrong_state("another offer is under way");
  auto invite = dialog_->request(Method::invite);
  core_.add_contact(invite, account_.get(), dialog_->flow(), dialog_->is_secure());
  core_.add_capabilities(invite, !sdp.empty());
  core_.add_product(invite);
  if (!sdp.empty()) invite.set_body(sdp, "application/sdp");
  reinvite_rseq_.reset();
  client_ = InviteClient::send(
      core_, weak_from_this(), dialog_, std::move(invite), dialog_->next_hop(), account_,
      [dialog = dialog_] { return dialog->next_cseq(); }, now);
  return {};
}

void InviteSession::on_reinvite_response(const Outcome& outcome, Time now) {
  if (!outcome.is_final()) {
    if (is_reliable(*outcome.message) && is_next_reliable(reinvite_rseq_, *outcome.message))
      send_prack(dialog_, *outcome.message, now);
    return;
  }
  if (outcome.is_success()) {
    dialog_->refresh_target(*outcome.message);
    auto sdp = sdp_of(*outcome.message);
    owes_ack_ = !client_->has_offer() && !sdp.empty();
    core_.emit(OfferAnswered{id_, std::move(sdp), owes_ack_});
    if (owes_ack_) return;
    client_->ack(*dialog_, {}, now);
    client_.reset();
    return;
  }
  client_.reset();
  if (outcome.status == 491) return back_off(now);
  if (outcome.status == 408 || outcome.status == 481) {  // §12.2.1.2: the dialog is no more
    const auto cause = outcome.message ? EndCause::dialog_gone : EndCause::timeout;
    core_.send_stray_bye(dialog_, account_, now);
    return finish(cause, outcome.status, outcome.text, outcome.message, now);
  }
  core_.emit(OfferFailed{id_, outcome.status, outcome.text});
}

// --- theirs

void InviteSession::on_reinvite(ServerTransactionId server, const MessagePtr& request, Time now) {
  if (refuse_conflict(server, *request, client_ != nullptr || our_offer_is_open(), now)) return;
  const auto sdp = find_sdp(*request);
  if (!sdp) return reply(server, *request, 415, now, {{"Accept", std::string(accepted_types)}});
  core_.waits(server, id_, *request);
  core_.respond(server, core_.response(*request, 100, {}, {}), now);
  raise_offer(server, request, std::string(*sdp), dialog_);
}

void InviteSession::raise_offer(ServerTransactionId server, const MessagePtr& request, std::string sdp,
                                const std::shared_ptr<Dialog>& dialog) {
  incoming_offer_ = IncomingOffer{server, request, !sdp.empty(), dialog};
  core_.emit(OfferReceived{id_, std::move(sdp), request});
}

Expected<void> InviteSession::answer_offer(std::string_view sdp, Time now) {
  if (!incoming_offer_) return wrong_state("no offer waits for an answer");
  const auto offer = std::move(*incoming_offer_);
  incoming_offer_.reset();
  auto response = core_.response(*offer.request, 200, {}, local_tag_);
  core_.add_contact(response, account_.get(), offer.dialog->flow(), offer.dialog->is_secure());
  core_.add_capabilities(response);
  if (!sdp.empty()) response.set_body(sdp, "application/sdp");
  if (offer.request->method() != Method::prack) offer.dialog->refresh_target(*offer.request);
  core_.answered(offer.server);
  core_.respond(offer.server, std::move(response), now);
  if (offer.request->method() == Method::invite)
    await_ack(offer.server, cseq_of(*offer.request), false, !offer.has_sdp && !sdp.empty(), now);
  accept_when_possible(now);
  return {};
}

Expected<void> InviteSession::refuse_offer(const Response& response, Time now) {
  if (!incoming_offer_) return wrong_state("no offer waits for an answer");
  if (response.status < 300 || response.status > 699)
    return fail(Layer::sip, Fault::range, "a refusal has a status of 300 to 699");
  const auto offer = std::move(*incoming_offer_);
  incoming_offer_.reset();
  auto message = core_.response(*offer.request, response.status, response.reason, local_tag_);
  add_headers(message, response.headers);
  if (!response.body.empty()) message.set_body(response.body, response.content_type);
  core_.answered(offer.server);
  core_.respond(offer.server, std::move(message), now);
  accept_when_possible(now);
  return {};
}

}  // namespace sidetone::sip
