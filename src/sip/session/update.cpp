// UPDATE from the peer (RFC 3311 §5.2), in early and confirmed dialogs.
#include "sip/message/option_tags.h"
#include "sip/message/sdp_body.h"
#include "sip/session/invite_session.h"

namespace sidetone::sip {

void InviteSession::on_update(ServerTransactionId server, const MessagePtr& request,
                              const std::shared_ptr<Dialog>& dialog, Time now) {
  const auto sdp = find_sdp(*request);
  if (!sdp) return reply(server, *request, 415, now, {{"Accept", std::string(accepted_types)}});
  if (sdp->empty()) {
    dialog->refresh_target(*request);
    auto response = core_.response(*request, 200, {}, local_tag_);
    core_.add_contact(response, account_.get(), dialog->flow(), dialog->is_secure());
    core_.add_capabilities(response);
    return core_.respond(server, std::move(response), now);
  }
  bool ours_pending = our_offer_is_open() || (client_ && state_ == State::confirmed);
  if (const auto* early = early_.find(dialog->remote_tag()))  // our first offer, not yet answered there
    ours_pending = !early->answered;
  // As callee, before the caller's first offer has its answer: that offer is the unanswered one.
  if (state_ == State::incoming && !first_.offer_done && !ours_pending)
    return reply(server, *request, 500, now, {{"Retry-After", std::to_string(core_.random.below(11))}});
  if (refuse_conflict(server, *request, ours_pending, now)) return;
  raise_offer(server, request, std::string(*sdp), dialog);
}

}  // namespace sidetone::sip
