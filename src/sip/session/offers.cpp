// Offers of the peer, whatever request brings them, and the dialogs that they are in (RFC 6337 §2.2: each
// dialog of a fork negotiates for itself).
#include "sip/session/invite_session.h"

namespace sidetone::sip {

// The dialog that a command means. Without a branch it must be clear which one: there is one, or one with an
// offer that waits.
InviteSession::Place InviteSession::place(BranchId branch) {
  if (dialog_) return !branch || branch == branch_ ? Place{dialog_, &offers_, branch_} : Place{};
  EarlyDialog* found = branch ? early_.find(branch) : nullptr;
  if (!branch && early_.all().size() == 1) found = &early_.all().front();
  if (!branch && !found)
    for (auto& early : early_.all()) {
      if (!early.offers.incoming) continue;
      if (found) return {};
      found = &early;
    }
  return found ? Place{found->dialog, &found->offers, found->branch} : Place{};
}

InviteSession::Place InviteSession::place_of(const std::shared_ptr<Dialog>& dialog) {
  if (dialog == dialog_) return {dialog_, &offers_, branch_};
  for (auto& early : early_.all())
    if (early.dialog == dialog) return {early.dialog, &early.offers, early.branch};
  return {};
}

void InviteSession::raise_offer(ServerTransactionId server, const MessagePtr& request, std::string sdp,
                                const Place& at) {
  at.offers->incoming = IncomingOffer{server, request, !sdp.empty()};
  core_.emit(OfferReceived{id_, std::move(sdp), request, at.branch});
}

Expected<void> InviteSession::answer_offer(BranchId branch, std::string_view sdp, Time now) {
  const auto at = place(branch);
  if (!at || !at.offers->incoming) return wrong_state("no offer waits for an answer");
  const auto offer = std::move(*at.offers->incoming);
  at.offers->incoming.reset();
  const auto method = offer.request->method();
  auto response = core_.response(*offer.request, 200, {}, local_tag_);
  core_.add_contact(response, account_.get(), at.dialog->flow(), at.dialog->is_secure());
  core_.add_capabilities(response);
  if (!sdp.empty()) response.set_body(sdp, "application/sdp");
  if (!sdp.empty()) local_sdp_ = sdp;
  if (method != Method::prack) {
    refresh_target(at.dialog, *offer.request, now);
    if (state_ == State::confirmed || state_ == State::answered)
      timer_.add_to_2xx(*offer.request, response, now);
  }
  core_.answered(offer.server);
  core_.respond(offer.server, std::move(response), now);
  if (method == Method::invite)
    await_ack(offer.server, cseq_of(*offer.request), false, !offer.has_sdp && !sdp.empty(), now);
  accept_when_possible(now);
  return {};
}

Expected<void> InviteSession::refuse_offer(BranchId branch, const Response& response, Time now) {
  const auto at = place(branch);
  if (!at || !at.offers->incoming) return wrong_state("no offer waits for an answer");
  if (response.status < 300 || response.status > 699)
    return fail(Layer::sip, Fault::range, "a refusal has a status of 300 to 699");
  const auto offer = std::move(*at.offers->incoming);
  at.offers->incoming.reset();
  auto message = core_.response(*offer.request, response.status, response.reason, local_tag_);
  add_headers(message, response.headers);
  if (!response.body.empty()) message.set_body(response.body, response.content_type);
  core_.answered(offer.server);
  core_.respond(offer.server, std::move(message), now);
  accept_when_possible(now);
  return {};
}

// §15.1.2: requests of the peer that still wait when a dialog ends.
void InviteSession::drop_offer(OfferState& offers, int status, Time now) {
  if (!offers.incoming) return;
  const auto offer = std::move(*offers.incoming);
  offers.incoming.reset();
  core_.answered(offer.server);
  reply(offer.server, *offer.request, status, now);
}

void InviteSession::drop_offers(Time now) {
  drop_offer(offers_, 487, now);
  for (auto& early : early_.all()) drop_offer(early.offers, 487, now);
}

Expected<void> InviteSession::offer(BranchId branch, std::string_view sdp, Time now) {
  const auto at = place(branch);
  if (!at) return wrong_state("an offer needs a dialog");
  if (glare_.running() || at.offers->incoming || at.offers->offer_runs)
    return wrong_state("another offer is under way");
  if (state_ == State::confirmed) return offer_by_reinvite(sdp, now);
  if (state_ == State::calling || state_ == State::incoming) return offer_by_update(at, sdp, now);
  return wrong_state("an offer needs an established call");
}

Expected<void> InviteSession::offer_unacknowledged(std::string_view sdp, Time now) {
  if (state_ != State::confirmed) return wrong_state("an offer in a re-INVITE needs an established call");
  auto sent = offer({}, sdp, now);
  if (sent) reinvite_.ack_by_user = true;
  return sent;
}

Expected<void> InviteSession::repeat_offer(Time now) {
  if (local_sdp_.empty()) return wrong_state("no description was sent yet");
  if (state_ != State::confirmed) return wrong_state("the call is not established");
  return offer({}, std::string(local_sdp_), now);
}

}  // namespace sidetone::sip
