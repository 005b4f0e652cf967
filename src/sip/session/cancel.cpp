// CANCEL (RFC 3261 §9) and the command that ends a session in whatever state it is.
#include "sip/session/invite_session.h"

namespace sidetone::sip {
namespace {

// What a CANCEL takes from its user: why, once per protocol (RFC 3326 §2). A CANCEL is hop by hop, and a
// proxy makes its own: other headers would not arrive.
std::string reasons_among(const std::vector<ExtraHeader>& headers) {
  std::string reasons;
  for (const auto& header : headers) {
    if (find_header(header.name) != HeaderId::reason) continue;
    if (!reasons.empty()) reasons += ", ";
    reasons += header.value;
  }
  return reasons;
}

}  // namespace

Expected<void> InviteSession::end(std::vector<ExtraHeader> headers, Time now) {
  switch (state_) {
    case State::calling:
      // The transaction waits for a provisional response before it sends the CANCEL (§9.1).
      state_ = State::cancelling;
      progress_.stop();
      client_->cancel(reasons_among(headers), now);
      end_after_ack_ = std::move(headers);
      return {};
    case State::incoming: return reject({480, {}, std::move(headers), {}, {}}, now);
    case State::answered:
      if (end_after_ack_) break;
      // §15: the callee must not send BYE before it got the ACK or its wait has timed out.
      end_after_ack_ = std::move(headers);
      return {};
    case State::confirmed: send_bye(headers, EndCause::bye_sent, now); return {};
    case State::cancelling:
    case State::ending:
    case State::ended: break;
  }
  return wrong_state("the session is ending already");
}

void InviteSession::on_cancel(ServerTransactionId server, MessagePtr cancel, Time now) {
  if (state_ == State::incoming && server == first_.server) {
    core_.answered(server);
    reply(server, *first_.request, 487, now);
    const auto [status, text] = reason_of(*cancel);
    return finish(EndCause::cancelled_by_peer, status, text, std::move(cancel), now);
  }
  if (!offers_.incoming || offers_.incoming->server != server) return;  // answered already
  drop_offer(offers_, 487, now);
  core_.emit(OfferFailed{id_, 487, "the peer took its offer back", branch_});
}

}  // namespace sidetone::sip
