// CANCEL (RFC 3261 §9) and the command that ends a session in whatever state it is.
#include "sip/session/invite_session.h"

namespace sidetone::sip {
namespace {

// The one header that a CANCEL takes from its user (RFC 3326 §2).
std::string reason_among(const std::vector<ExtraHeader>& headers) {
  for (const auto& header : headers)
    if (find_header(header.name) == HeaderId::reason) return header.value;
  return {};
}

}  // namespace

Expected<void> InviteSession::end(std::vector<ExtraHeader> headers, Time now) {
  switch (state_) {
    case State::calling:
      // The transaction waits for a provisional response before it sends the CANCEL (§9.1).
      state_ = State::cancelling;
      client_->cancel(reason_among(headers), now);
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
  if (!incoming_offer_ || incoming_offer_->server != server) return;  // answered already
  const auto offer = std::move(*incoming_offer_);
  incoming_offer_.reset();
  core_.answered(server);
  reply(server, *offer.request, 487, now);
  core_.emit(OfferFailed{id_, 487, "the peer took its offer back"});
}

}  // namespace sidetone::sip
