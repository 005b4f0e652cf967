#include "endpoint/call.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "endpoint/brief_quality.h"
#include "endpoint/offer_refusal.h"

namespace sidetone::endpoint {
namespace {

std::string codec_text(const codec::MediaPlan& plan) {
  const auto& entry = codec::catalogue(plan.send_format.codec);
  return fmt::format("{}/{}", entry.name, entry.sample_rate_hz);
}

}  // namespace

Call::Call(CallParties parties, std::shared_ptr<const CoreSettings> settings, MediaSettings media,
           Outbox& outbox)
    : parties_(std::move(parties)),
      settings_(std::move(settings)),
      outbox_(outbox),
      watch_(settings_->vq_alarm_threshold),
      session_(std::move(media)),
      ringback_(settings_->tones.ringback),
      state_(is_incoming() ? CallState::ringing : CallState::dialing) {}

void Call::start(IpAddress media_ip, std::optional<std::string> offer, Time now) {
  incoming_offer_ = std::move(offer);
  media_ip_ = media_ip;
  media_ = Media::opening;
  if (is_incoming() && settings_->auto_answer) auto_answer_at_ = now + settings_->auto_answer_delay;
  if (is_incoming() && settings_->auto_answer_when_asked && parties_.answer_after)
    auto_answer_at_ = now + *parties_.answer_after;
  told_ = snapshot();
  outbox_.tell(CallAdded{told_});
  outbox_.order(OpenMedia{id(), media_ip, parties_.direction, parties_.called_user});
}

bool Call::accepts(const std::optional<std::string>& offer, const IpAddress& media_ip, Time now) {
  if (!offer) return true;
  const auto checked = session_.check_first_offer(*offer, media_ip);
  if (checked) return true;
  // Nobody was told of this call: it ends without an event, but not without a warning.
  outbox_.tell(Warning{
      {"sdp", std::string(to_string(checked.error().fault)), checked.error().text, checked.error().remedy}});
  state_ = CallState::ended;
  media_ = Media::closed;
  gone_ = true;
  static_cast<void>(leg_->reject(refusal_of(checked.error()), now));
  return false;
}

std::string Call::first_offer() { return session_.make_offer(); }

void Call::on_progress(std::uint64_t branch, int status, std::string_view sdp, bool reliable) {
  if (is_incoming() || is_answered() || state_ == CallState::ended) return;
  // An unusable early answer is no reason to end the call: the final answer counts.
  const bool heard = ringback_.admits(reliable);
  const bool described = !sdp.empty() && session_.take_early_answer(branch, sdp, heard);
  ringback_.progress(branch, status, described, reliable);
  apply_plan();
  if (described && heard)
    enter(CallState::early);
  else if ((status == 180 || ringback_.wants_tone()) && state_ == CallState::dialing)
    enter(CallState::ringing);
  changed();
}

void Call::on_accepted(std::uint64_t branch, std::string_view sdp, bool needs_answer, Time now) {
  if (state_ == CallState::ended) return;
  ST_ASSERT(!needs_answer);  // our INVITE always carries the offer
  const auto taken = sdp.empty() ? session_.commit_branch(branch) : session_.take_answer(sdp);
  connect(now);
  if (!taken) {
    changed();
    // RFC 3261 §13.2.2.4: the 2xx is acknowledged, then the unusable call is ended.
    outbox_.tell(CommandFailed{
        "dial",
        id(),
        {"sdp", std::string(to_string(taken.error().fault)), taken.error().text, taken.error().remedy}});
    if (!leg_->end(0, now)) on_ended(EndReason::network_failure, 0);
    return;
  }
  apply_plan();
  reconcile(now);
  changed();
}

void Call::on_confirmed(std::string_view sdp, Time now) {
  if (state_ != CallState::connecting) return;
  if (std::exchange(answer_awaited_, false)) {
    if (auto taken = session_.take_answer(sdp); !taken) return end_unagreed(taken.error(), now);
  }
  connect(now);
  apply_plan();
  reconcile(now);
  changed();
}

// It was answered, and nobody can hear the other: never shown as connected, and our BYE says why.
void Call::end_unagreed(const Error& error, Time now) {
  constexpr int not_acceptable = 488;
  static_cast<void>(leg_->end(not_acceptable, now));
  on_ended({EndReason::refused, not_acceptable, 0, error.text});
}

void Call::learn_uuid(std::string_view uuid) {
  if (!uuid.empty()) parties_.call_uuid = uuid;
}

void Call::on_ended(CallEnd end) {
  if (state_ == CallState::ended) return;
  state_ = CallState::ended;
  end_ = std::move(end);
  auto_answer_at_.reset();
  end_at_.reset();
  offer_again_at_.reset();
  next_info_at_.reset();
  digits_.give_up();
  if (media_ == Media::opening || media_ == Media::ready) {
    media_ = Media::closing;
    outbox_.order(CloseMedia{id()});
  } else if (media_ == Media::none) {
    media_ = Media::closed;
  }
  finish_if_gone();
}

std::optional<Deadline> Call::deadline() const {
  std::optional<Deadline> next;
  if (auto_answer_at_) next = Deadline{*auto_answer_at_, "auto_answer"};
  if (end_at_) next = earlier(next, Deadline{*end_at_, "stepped_aside"});
  if (offer_again_at_) next = earlier(next, Deadline{*offer_again_at_, "offer_again"});
  if (next_info_at_) next = earlier(next, Deadline{*next_info_at_, "dtmf_pause"});
  return next;
}

void Call::on_time(Time now) {
  if (auto_answer_at_ && *auto_answer_at_ <= now) {
    auto_answer_at_.reset();
    static_cast<void>(answer(now));
  }
  if (end_at_ && *end_at_ <= now) static_cast<void>(hang_up(now, EndReason::transferred));
  if (offer_again_at_ && *offer_again_at_ <= now) {
    offer_again_at_.reset();
    reconcile(now);
    changed();
  }
  if (next_info_at_ && *next_info_at_ <= now) {
    next_info_at_.reset();
    if (digits_.method() == DtmfMethod::info) digit_left(now);
  }
}

bool Call::is_held() const { return hold_wanted_ || session_.held_by_us() || session_.held_by_peer(); }

bool Call::wants_ringback() const {
  return !is_incoming() && !is_answered() && state_ != CallState::ended && ringback_.wants_tone();
}

CallPresence Call::presence() const {
  if (state_ == CallState::ended) return CallPresence::over;
  if (is_ringing()) return parties_.asks_for_silence ? CallPresence::silent : CallPresence::rings;
  return is_answered() && hold_wanted_ ? CallPresence::held : CallPresence::active;
}

void Call::connect(Time now) {
  enter(CallState::connected);
  connected_at_ = now;
  dialog_ = leg_->dialog();
}

void Call::enter(CallState state) {
  ST_ASSERT(state_ != CallState::ended);
  state_ = state;
}

Expected<void> Call::wrong_state(std::string_view wish) const {
  return fail(Layer::engine, Fault::state, fmt::format("call {} cannot be {} now", id().value, wish));
}

void Call::changed() {
  auto now_true = snapshot();
  now_true.quality = told_.quality;  // quality has an event of its own
  if (now_true == told_ || state_ == CallState::ended) return;
  told_ = std::move(now_true);
  outbox_.tell(CallChanged{told_});
}

void Call::finish_if_gone() {
  if (gone_ || state_ != CallState::ended || media_ != Media::closed) return;
  gone_ = true;
  outbox_.tell(CallEnded{snapshot(), statistics_});
}

CallSnapshot Call::snapshot() const {
  CallSnapshot snapshot;
  snapshot.call = parties_.id;
  snapshot.line = parties_.line;
  snapshot.direction = parties_.direction;
  snapshot.state = state_;
  snapshot.remote_number = parties_.remote_number;
  snapshot.remote_name = parties_.remote_name;
  snapshot.remote_uri = parties_.remote_uri;
  snapshot.called_number = parties_.called_user;
  snapshot.call_uuid = parties_.call_uuid;
  snapshot.held_by_us = session_.held_by_us();
  snapshot.held_by_peer = session_.held_by_peer();
  snapshot.hold_wanted = hold_wanted_;
  snapshot.muted = muted_;
  snapshot.in_conference = is_in_conference();
  snapshot.recording = recording_;
  snapshot.playing = playing_;
  if (applied_) snapshot.codec = codec_text(*applied_);
  if (applied_ && applied_->srtp) snapshot.srtp_suite = to_string(applied_->srtp->suite);
  snapshot.related_call = parties_.related_call;
  snapshot.end_reason = end_.reason;
  snapshot.status = end_.status;
  snapshot.q850_cause = end_.q850_cause;
  snapshot.end_text = end_.text;
  snapshot.quality = brief(statistics_);
  snapshot.quality_alarm = watch_.on();
  return snapshot;
}

}  // namespace sidetone::endpoint
