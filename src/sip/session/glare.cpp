// Two offers at once (RFC 3261 §14.1, §14.2).
#include "sip/session/invite_session.h"

namespace sidetone::sip {

// A 2xx or reliable response of ours holds an offer whose answer (ACK, PRACK) is not here yet.
bool InviteSession::our_offer_is_open() const {
  for (const auto& [cseq, waiting] : unacknowledged_)
    if (waiting.holds_offer) return true;
  return state_ == State::incoming && !reliable_.acknowledged && reliable_.has_sdp && !first_.has_offer;
}

bool InviteSession::refuse_conflict(ServerTransactionId server, const Message& request, bool ours_pending,
                                    Time now) {
  if (incoming_offer_ || (request.method() == Method::invite && state_ == State::incoming)) {
    // §14.2: a second offer before the first has its answer.
    reply(server, request, 500, now, {{"Retry-After", std::to_string(core_.random.below(11))}});
    return true;
  }
  if (!ours_pending) return false;
  reply(server, request, 491, now);
  return true;
}

void InviteSession::back_off(Time now) {
  // §14.1: the owner of the Call-ID waits 2.1 to 4 s, the other 0 to 2 s, in units of 10 ms.
  constexpr Duration unit = std::chrono::milliseconds(10);
  const auto units = is_caller_ ? 210 + core_.random.below(191) : core_.random.below(201);
  const Duration wait = unit * static_cast<Duration::rep>(units);
  glare_ = core_.timers.start(now + wait, "offer_retry", [this](Time) { core_.emit(OfferRetryDue{id_}); });
  core_.emit(OfferGlare{id_, wait});
}

}  // namespace sidetone::sip
