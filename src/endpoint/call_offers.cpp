// Offers and answers within a call, theirs and ours: negotiation follows intent.
#include <fmt/format.h>

#include "endpoint/call.h"
#include "endpoint/offer_refusal.h"

namespace sidetone::endpoint {
namespace {

constexpr Duration offer_retry_pause = std::chrono::seconds(2);
constexpr int offer_failures_max = 5;  // ten seconds of trying; then the user must ask again

}  // namespace

std::vector<SrtpMasterKey> Call::peer_keys() const {
  const auto plan = session_.plan();
  return plan && plan->srtp ? plan->srtp->receive : std::vector<SrtpMasterKey>{};
}

void Call::warn_of_old_key() const {
  outbox_.tell(
      Warning{{"media", "limit",
               "the far end limits its SRTP key and keeps it: it cannot be heard when the key is used up",
               "let the far end offer keys without a lifetime, or answer new keys with new ones"}});
}

void Call::on_offer(std::string_view sdp, Time now) {
  if (!is_answered()) {
    static_cast<void>(leg_->refuse_offer(488, now));
    return;
  }
  Expected<void> sent;
  if (sdp.empty()) {
    auto offer = session_.make_offer(true);
    answer_awaited_ = true;
    sent = leg_->answer_offer(std::move(offer), now);
    if (!sent) {
      session_.rollback();
      answer_awaited_ = false;
    }
  } else if (auto answer = session_.answer(sdp); answer) {
    offer_wanted_ = false;  // theirs has settled it
    sent = leg_->answer_offer(std::move(*answer), now);
    apply_plan();
  } else {
    sent = leg_->refuse_offer(refusal_of(answer.error()), now);
  }
  changed();
}

void Call::on_offer_confirmed(std::string_view sdp, Time now) {
  if (std::exchange(answer_awaited_, false))
    if (sdp.empty() || !session_.take_answer(sdp)) session_.rollback();
  apply_plan();
  reconcile(now);
  changed();
}

void Call::on_offer_answered(std::string_view sdp, bool, Time now) {
  offer_in_flight_ = offer_refreshes_ = offer_wanted_ = false;
  const bool keys_wanted = session_.wants_new_keys();
  const auto keys_before = peer_keys();
  if (!session_.take_answer(sdp)) {
    session_.rollback();
    give_up_offer(488);
  } else {
    offer_failures_ = 0;
    if (keys_wanted && !session_.wants_new_keys() && peer_keys() == keys_before) warn_of_old_key();
  }
  apply_plan();
  reconcile(now);
  changed();
}

void Call::on_offer_failed(int status, Time now) {
  session_.rollback();
  offer_in_flight_ = false;
  if (std::exchange(offer_refreshes_, false)) return reconcile(now);  // nobody asked for a change
  const bool may_pass = status >= 500 && status < 600;  // the server's trouble, not our description's
  if (may_pass && ++offer_failures_ < offer_failures_max)
    offer_again_at_ = now + offer_retry_pause;
  else
    give_up_offer(status);
  changed();
}

void Call::give_up_offer(int status) {
  offer_wanted_ = false;
  offer_failures_ = offer_failures_max;
  if (hold_wanted_ == session_.held_by_us()) {  // nobody asked for this change but the network
    outbox_.tell(
        Warning{{"sip", "refused", fmt::format("the far end refused our changed description ({})", status),
                 "if nothing is heard any more, hang up and call again"}});
    return;
  }
  outbox_.tell(CommandFailed{hold_wanted_ ? "hold" : "resume",
                             id(),
                             {"sip", "refused", fmt::format("the far end refused the change ({})", status),
                              "try again; while hold is wanted nothing is sent all the same"}});
}

void Call::on_glare() { session_.rollback(); }  // offer_in_flight_ stays until the retry is due

void Call::on_retry_due(Time now) {
  offer_in_flight_ = offer_refreshes_ = false;
  reconcile(now);
  changed();
}

// An offer that is under way, or about to be, refreshes as well (RFC 4028 §7.2).
void Call::on_refresh_due(Time now) {
  if (state_ != CallState::connected || offer_in_flight_ || answer_awaited_ || offer_again_at_) return;
  auto sdp = session_.make_offer();
  if (leg_->offer(std::move(sdp), now))
    offer_in_flight_ = offer_refreshes_ = true;
  else
    session_.rollback();  // the stack asks again
}

void Call::reconcile(Time now) {
  order_move();
  if (state_ != CallState::connected || offer_in_flight_ || answer_awaited_ || offer_again_at_) return;
  if (media_moves_ || offer_failures_ >= offer_failures_max) return;  // ... or it is tried again
  if (hold_wanted_ == session_.held_by_us() && !offer_wanted_ && !session_.has_moved() &&
      !session_.has_spare_line() && !session_.wants_new_keys())
    return;
  auto sdp = session_.make_offer();
  if (leg_->offer(std::move(sdp), now)) {
    offer_in_flight_ = true;
    return;
  }
  session_.rollback();  // the peer's own re-INVITE is being dealt with: ours comes after it
  offer_again_at_ = now + offer_retry_pause;
}

}  // namespace sidetone::endpoint
