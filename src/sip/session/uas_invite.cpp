// The first INVITE as its callee (RFC 3261 §13.3).
#include "sip/message/headers.h"
#include "sip/session/invite_session.h"

namespace sidetone::sip {

void InviteSession::on_first_invite(ServerTransactionId server, const Flow& flow, MessagePtr request,
                                    std::string sdp, SessionId replaces, SessionId join, Time now) {
  state_ = State::incoming;
  is_caller_ = false;
  local_tag_ = core_.random.token(12);
  if (refuse_short_interval(server, *request, now)) {
    // Nobody was told of this call; its caller asks again (RFC 4028 §7.3).
    state_ = State::ended;
    return core_.forget(*this);
  }
  first_.server = server;
  first_.request = request;
  first_.has_offer = !sdp.empty();
  first_.replaces = replaces;
  note_peer(*request);
  core_.waits(server, id_, *request);
  dialog_ = std::make_shared<Dialog>(Dialog::as_callee(*request, local_tag_, flow));
  index(dialog_, now);
  limit_ringing(now);
  core_.emit(IncomingInvite{id_, account_ ? account_->id : AccountId{}, std::move(request), std::move(sdp),
                            flow, replaces, join, account_ && is_server_of(*account_, flow.remote.ip)});
}

// §13.3.1: Expires bounds how long the caller is willing to wait; our own bound is for a user that forgot.
void InviteSession::limit_ringing(Time now) {
  auto limit = core_.settings.ring_max;
  int status = 480;
  if (const auto* field = first_.request->find(HeaderId::expires))
    if (const auto expires = parse_delta(field->value, "Expires");
        expires && *expires > 0 && (limit.count() == 0 || std::chrono::seconds(*expires) < limit)) {
      limit = std::chrono::seconds(*expires);
      status = 487;
    }
  if (limit.count() == 0) return;
  first_.unanswered = core_.timers.start(now + limit, "invite_expires", [this, status](Time then) {
    if (state_ != State::incoming) return;
    const auto keep = shared_from_this();
    core_.answered(first_.server);
    reply(first_.server, *first_.request, status, then);
    finish(EndCause::timeout, status, "nobody answered", nullptr, then);
  });
}

// §13.3.1.1: a proxy's timer C must not take a call that rings for a dead one.
void InviteSession::repeat_each_minute(Time now) {
  first_.minute = core_.timers.start(now + std::chrono::minutes(1), "repeat_provisional", [this](Time then) {
    if (state_ != State::incoming || !first_.last_provisional) return;
    if (!first_.request->lists(HeaderId::require, "100rel"))
      core_.respond(first_.server, *first_.last_provisional, then);
    else if (reliable_.acknowledged && reliable_waiting_.empty())
      send_reliable(*first_.last_provisional, false, then);
    repeat_each_minute(then);
  });
}

// What all responses that make or keep the dialog carry (§12.1.1, §13.3.1).
Message InviteSession::answer_to_invite(const Message& request, int status, std::string_view reason) {
  auto response = core_.response(request, status, reason, local_tag_);
  core_.add_contact(response, account_.get(), dialog_->flow(), dialog_->is_secure());
  core_.add_capabilities(response);
  return response;
}

Expected<void> InviteSession::provisional(Provisional response, Time now) {
  if (state_ != State::incoming || pending_accept_)
    return wrong_state("a provisional response needs an unanswered call");
  if (response.status < 101 || response.status > 199)
    return fail(Layer::sip, Fault::range, "a provisional response has a status of 101 to 199");
  const auto& invite = *first_.request;
  const bool required = invite.lists(HeaderId::require, "100rel");
  const bool supported = required || invite.lists(HeaderId::supported, "100rel");
  auto message = answer_to_invite(invite, response.status, response.reason);
  add_headers(message, response.headers);
  const bool has_sdp = !response.sdp.empty();
  if (has_sdp) message.set_body(response.sdp, "application/sdp");
  if (has_sdp) local_sdp_ = response.sdp;
  // RFC 6337 §2.2: without an offer in the INVITE the first reliable response must hold one.
  const bool too_early = !first_.has_offer && !offers_.settled && !reliable_.has_sdp && !has_sdp;
  if (too_early && required) return {};  // it could only go reliably: the caller does not hear of it
  // RFC 3262 §3: with Require: 100rel every one but 100 is reliable.
  const bool reliable = required || (supported && response.reliable && !too_early);
  if (has_sdp && offers_.settled) message.set_body({}, {});  // §13.2.1: nothing may follow the answer
  first_.last_provisional = message;
  if (!reliable) {
    core_.respond(first_.server, std::move(message), now);
  } else {
    first_.last_provisional->set_body({}, {});
    send_reliable(std::move(message), has_sdp && !offers_.settled, now);
  }
  repeat_each_minute(now);
  return {};
}

Expected<void> InviteSession::accept(std::string sdp, std::vector<ExtraHeader> headers, Time now) {
  if (state_ != State::incoming || pending_accept_)
    return wrong_state("only an unanswered call can be accepted");
  pending_accept_ = PendingAccept{std::move(sdp), std::move(headers)};
  accept_when_possible(now);
  return {};
}

// RFC 3262 §3: a 2xx waits for the PRACK of each reliable response with a description; §5: and for the
// answer to an offer that such a PRACK brought.
void InviteSession::accept_when_possible(Time now) {
  const bool open_description = !reliable_.acknowledged && reliable_.has_sdp;
  const bool open_offer = offers_.incoming || offers_.offer_runs;
  if (state_ != State::incoming || !pending_accept_ || open_description || open_offer) return;
  auto accept = std::move(*pending_accept_);
  pending_accept_.reset();
  send_accept(std::move(accept), now);
}

void InviteSession::send_accept(PendingAccept accept, Time now) {
  reliable_.repeater.stop();
  reliable_waiting_.clear();
  const auto& invite = *first_.request;
  auto response = answer_to_invite(invite, 200, {});
  add_headers(response, accept.headers);
  // RFC 3261 §13.2.1: once the answer went out reliably, no further description follows.
  const bool describes = !offers_.settled && !accept.sdp.empty();
  if (describes) response.set_body(accept.sdp, "application/sdp");
  if (describes) local_sdp_ = accept.sdp;
  if (first_.has_offer) offers_.settled = true;
  timer_.add_to_2xx(invite, response, now);
  first_.minute.stop();
  first_.unanswered.stop();
  first_.last_provisional.reset();
  state_ = State::answered;
  core_.answered(first_.server);
  core_.respond(first_.server, std::move(response), now);
  await_ack(first_.server, cseq_of(invite), true, describes && !first_.has_offer, now);
  // RFC 3891 §3: in the same step, so that its user never has both.
  if (const auto replaced = core_.sessions.find(first_.replaces); replaced != core_.sessions.end()) {
    const auto keep = replaced->second;
    keep->be_replaced(now);
  }
}

// §13.3.1.4, over reliable transports as well.
void InviteSession::await_ack(ServerTransactionId server, std::uint32_t cseq, bool first, bool holds_offer,
                              Time now) {
  auto& waiting = unacknowledged_[cseq];
  waiting.server = server;
  waiting.first = first;
  waiting.holds_offer = holds_offer;
  const auto& timers = core_.settings.timers;
  waiting.repeater.start(
      core_.timers, {timers.t1, timers.t2, core_.timer_h()},
      [this, server](Time then) { core_.transactions.resend_2xx(server, then); },
      [this](Time then) { on_no_ack(then); }, now);
}

void InviteSession::on_no_ack(Time now) {
  const auto keep = shared_from_this();
  unacknowledged_.clear();
  if (state_ == State::ending || state_ == State::ended) return;
  if (end_after_ack_) return send_bye(*end_after_ack_, end_cause_, now);
  core_.send_stray_bye(dialog_, account_, now);
  finish(EndCause::no_ack, 0, "no ACK", nullptr, now);
}

Expected<void> InviteSession::reject(const Response& response, Time now) {
  if (state_ != State::incoming) return wrong_state("only an unanswered call can be rejected");
  if (response.status < 300 || response.status > 699)
    return fail(Layer::sip, Fault::range, "a rejection has a status of 300 to 699");
  auto message = core_.response(*first_.request, response.status, response.reason, local_tag_);
  add_headers(message, response.headers);
  if (!response.body.empty()) message.set_body(response.body, response.content_type);
  core_.answered(first_.server);
  core_.respond(first_.server, std::move(message), now);
  finish(EndCause::rejected, response.status,
         std::string(response.reason.empty() ? reason_phrase(response.status) : response.reason), nullptr,
         now);
  return {};
}

void InviteSession::on_server_failed(ServerTransactionId server, Time now) {
  if (state_ != State::incoming || server != first_.server) return;
  core_.answered(server);
  finish(EndCause::transport, 0, "the caller's INVITE is gone", nullptr, now);
}

}  // namespace sidetone::sip
