// Two offers at once (RFC 3261 §14.1, §14.2; RFC 3311 §5.2; RFC 6337 §4).
#include "sip/session/invite_session.h"

namespace sidetone::sip {

// An offer of ours has no answer yet.
bool InviteSession::our_offer_is_open(const OfferState& offers) const {
  if (offers.offer_runs) return true;
  for (const auto& [cseq, waiting] : unacknowledged_)
    if (waiting.holds_offer) return true;
  // In our INVITE: a branch of a fork answers it for itself.
  if (state_ == State::calling) return client_ && client_->has_offer() && !offers.settled;
  if (state_ == State::incoming)
    return !reliable_.acknowledged && reliable_.has_sdp && !first_.has_offer && !offers.settled;
  return client_ != nullptr && state_ == State::confirmed;
}

// An offer of the peer waits for our user, or the first one has not been made at all (RFC 6337 table 1:
// UPDATE and PRACK cannot begin a session).
bool InviteSession::their_offer_is_open(const OfferState& offers) const {
  return offers.incoming || offers.answer_owed ||
         ((state_ == State::incoming || state_ == State::calling) && !offers.settled);
}

bool InviteSession::refuse_conflict(ServerTransactionId server, const Message& request,
                                    const OfferState& offers, Time now) {
  if (our_offer_is_open(offers) || (request.method() == Method::invite && client_)) {
    reply(server, request, 491, now);
    return true;
  }
  if (!their_offer_is_open(offers) && (request.method() != Method::invite || state_ != State::incoming))
    return false;
  // §14.2: a second offer before the first has its answer.
  reply(server, request, 500, now, {{"Retry-After", std::to_string(core_.random.below(11))}});
  return true;
}

void InviteSession::back_off(BranchId branch, Time now) {
  // §14.1: the owner of the Call-ID waits 2.1 to 4 s, the other 0 to 2 s, in units of 10 ms.
  constexpr Duration unit = std::chrono::milliseconds(10);
  const auto units = is_caller_ ? 210 + core_.random.below(191) : core_.random.below(201);
  const Duration wait = unit * static_cast<Duration::rep>(units);
  glare_ = core_.timers.start(now + wait, "offer_retry",
                              [this, branch](Time) { core_.emit(OfferRetryDue{id_, branch}); });
  core_.emit(OfferGlare{id_, wait, branch});
}

}  // namespace sidetone::sip
