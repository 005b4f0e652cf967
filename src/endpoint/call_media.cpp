// What the media side tells of a call, and what it is ordered to do.
#include <fmt/format.h>

#include "endpoint/brief_quality.h"
#include "endpoint/call.h"

namespace sidetone::endpoint {

void Call::move_media(const IpAddress& ip, Time now) {
  if (state_ == CallState::ended || ip == media_ip_) return;
  media_ip_ = ip;
  offer_failures_ = 0;
  offer_again_at_.reset();
  reconcile(now);
}

// While our first offer is out, its ports must stay: early media and the answer's come to them.
void Call::order_move() {
  const bool first_offer_is_out = leg_ != nullptr && !is_incoming() && !is_answered();
  if (media_ != Media::ready || media_moves_ || first_offer_is_out || session_.is_at(media_ip_)) return;
  media_moves_ = true;
  outbox_.order(MoveMedia{id(), media_ip_});
}

void Call::media_not_moved() {
  if (std::exchange(media_moves_, false)) media_ip_ = session_.ip();
}

void Call::media_ready(MediaTransport transport, Time now) {
  if (media_ == Media::ready && std::exchange(media_moves_, false)) {
    session_.set_transport(transport);
    return reconcile(now);
  }
  if (media_ != Media::opening) return;  // it was closed meanwhile
  media_ = Media::ready;
  session_.set_transport(transport);
  if (muted_) outbox_.order(SetMuted{id(), true});
  if (in_conference_) outbox_.order(Confer{id(), true});
  if (answer_wanted_) answer_now(now);
  order_move();  // the line has moved meanwhile
}

void Call::media_failed(Time now) {
  if (media_ != Media::opening) return;
  media_ = Media::closed;
  if (is_incoming() && leg_ != nullptr && leg_->reject(503, now)) return;
  if (state_ != CallState::ended) on_ended(EndReason::network_failure, 0);
}

void Call::media_started() { outbox_.tell(MediaStarted{id()}); }

std::optional<bool> Call::quality(const CallStatistics& statistics, bool announce) {
  statistics_ = statistics;
  if (!announce || state_ == CallState::ended) return std::nullopt;
  outbox_.tell(QualityChanged{id(), brief(statistics_), statistics_});
  const auto on = watch_.judge(statistics_.mos.interval);
  if (on) {
    outbox_.tell(QualityAlarm{id(), *on, statistics_.mos.interval, watch_.threshold()});
    changed();
  }
  return on;
}

std::optional<ReportFacts> Call::report_facts() const {
  if (!connected_at_ || !session_.transport()) return std::nullopt;
  ReportFacts facts;
  facts.dialog = dialog_;
  facts.incoming = is_incoming();
  facts.local = {session_.transport()->ip, session_.transport()->rtp_port};
  facts.connected_at = *connected_at_;
  if (applied_) {
    facts.remote = applied_->remote_rtp;
    facts.ptime = applied_->ptime;
    facts.leaves_out_silence = applied_->send_noise.has_value();
  }
  return facts;
}

// rtp_inactivity_timeout. Who is held gets no media, and ends no call by that.
void Call::media_inactive(Time now) {
  if (state_ != CallState::connected || is_held()) return;
  outbox_.tell(
      Warning{{"media", "timeout",
               fmt::format("neither sound nor RTCP has come for {} s: the call is ended",
                           settings_->rtp_inactivity_timeout.count()),
               "look at network and firewall; rtp_inactivity_timeout sets the time, 0 switches it off"}});
  constexpr int no_media = 503;
  static_cast<void>(leg_->end(no_media, now));
  on_ended(EndReason::network_failure, no_media);
}

// RFC 4568 §6.1: what comes after so many packets MUST NOT be taken. Only the peer can draw another key; an
// offer with a new one of ours is how it is asked to.
void Call::media_key_ages(Time now) {
  if (state_ != CallState::connected) return;
  session_.renew_keys();
  offer_failures_ = 0;
  reconcile(now);
}

void Call::media_key_used_up() const {
  if (state_ == CallState::ended) return;
  outbox_.tell(Warning{{"media", "limit",
                        "the far end's SRTP key is used up and it gave no other: it is not heard any more",
                        "hang up and call again; let the far end offer keys without a lifetime"}});
}

void Call::media_closed(const CallStatistics& statistics) {
  if (media_ == Media::closing) statistics_ = statistics;
  media_ = Media::closed;
  finish_if_gone();
}

bool Call::may_send() const {
  if (state_ == CallState::ended || hold_wanted_ || end_at_) return false;
  return !is_incoming() || is_answered();
}

void Call::apply_plan() {
  if (media_ != Media::ready) return;
  session_.allow_send(may_send());
  auto plan = session_.plan();
  if (!plan) return;
  if (hold_wanted_ || end_at_) plan->receive = false;
  if (!is_incoming() && !is_answered() && !ringback_.hears_media()) plan->receive = false;
  if (state_ == CallState::connected && plan->receive && !is_held())
    plan->inactivity_max = settings_->rtp_inactivity_timeout;
  if (applied_ == plan) return;
  applied_ = std::move(plan);
  outbox_.order(ApplyPlan{id(), *applied_});
  drop_unsendable_digits();
}

}  // namespace sidetone::endpoint
