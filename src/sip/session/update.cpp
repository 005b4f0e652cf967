// UPDATE (RFC 3311), in early and confirmed dialogs, from both sides.
#include "sip/message/option_tags.h"
#include "sip/message/sdp_body.h"
#include "sip/session/invite_session.h"

namespace sidetone::sip {

// --- ours: offers before the call is answered (RFC 6337 pattern 6)

Expected<void> InviteSession::offer_by_update(const Place& at, std::string_view sdp, Time now) {
  const bool open = our_offer_is_open(*at.offers) || their_offer_is_open(*at.offers) ||
                    at.offers->unpracked ||
                    (state_ == State::incoming && (!reliable_.acknowledged || pending_accept_));
  if (open || !at.offers->settled)
    return wrong_state("an offer before the call is answered needs a first one that was answered reliably");
  if (sdp.empty()) return wrong_state("an UPDATE cannot ask for an offer");
  if (!peer_allows_update_) return fail(Layer::sip, Fault::unsupported, "the peer does not allow UPDATE");
  auto update = at.dialog->request(Method::update);
  core_.add_contact(update, account_.get(), at.dialog->flow(), at.dialog->is_secure());
  core_.add_capabilities(update);
  update.set_body(sdp, "application/sdp");
  local_sdp_ = sdp;
  at.offers->offer_runs = true;
  core_.send_in_dialog(
      at.dialog, std::move(update), account_,
      [weak = weak_from_this(), dialog = at.dialog](const Outcome& outcome, Time then) {
        if (const auto session = weak.lock(); session && outcome.is_final())
          session->on_update_response(dialog, outcome, then);
      },
      now);
  return {};
}

void InviteSession::on_update_response(const std::shared_ptr<Dialog>& dialog, const Outcome& outcome,
                                       Time now) {
  const auto at = place_of(dialog);
  if (!at || state_ == State::ended) return;  // that branch of the fork is no more
  at.offers->offer_runs = false;
  if (outcome.is_success()) {
    refresh_target(dialog, *outcome.message, now);
    core_.emit(OfferAnswered{id_, sdp_of(*outcome.message), false, at.branch});
  } else if (outcome.status == 491) {
    back_off(at.branch, now);
  } else {
    // A dialog that the peer has lost shows in the INVITE as well.
    core_.emit(OfferFailed{id_, outcome.status, outcome.text, at.branch});
  }
  accept_when_possible(now);
}

// --- theirs (§5.2)

void InviteSession::on_update(ServerTransactionId server, const MessagePtr& request, const Place& at,
                              Time now) {
  const auto sdp = find_sdp(*request);
  if (!sdp) return reply(server, *request, 415, now, {{"Accept", std::string(accepted_types)}});
  if (!sdp->empty() && refuse_conflict(server, *request, *at.offers, now)) return;
  if (refuse_short_interval(server, *request, now)) return;
  if (!sdp->empty()) return raise_offer(server, request, std::string(*sdp), at);
  refresh_target(at.dialog, *request, now);
  auto response = core_.response(*request, 200, {}, local_tag_);
  core_.add_contact(response, account_.get(), at.dialog->flow(), at.dialog->is_secure());
  core_.add_capabilities(response);
  if (state_ == State::confirmed) timer_.add_to_2xx(*request, response, now);
  core_.respond(server, std::move(response), now);
}

}  // namespace sidetone::sip
