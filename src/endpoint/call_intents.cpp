// What the user wants of a call.
#include <fmt/format.h>

#include "endpoint/call.h"
#include "endpoint/offer_refusal.h"

namespace sidetone::endpoint {

Expected<void> Call::answer(Time now) {
  if (!is_ringing()) return wrong_state("answered");
  auto_answer_at_.reset();
  if (media_ == Media::ready)
    answer_now(now);
  else
    answer_wanted_ = true;  // the ports are being opened: answered as soon as they are there
  return {};
}

void Call::answer_now(Time now) {
  answer_wanted_ = false;
  std::string sdp;
  if (incoming_offer_) {
    auto answered = session_.answer(*incoming_offer_);
    if (!answered) return refuse_unplayable(answered.error(), now);
    sdp = std::move(*answered);
  } else {
    sdp = session_.make_offer();
    answer_awaited_ = true;
  }
  enter(CallState::connecting);
  // The user said yes: from here on the microphone may be heard.
  apply_plan();
  changed();
  if (auto sent = leg_->answer(std::move(sdp), now); !sent) on_ended(EndReason::network_failure, 0);
}

void Call::refuse_unplayable(const Error& error, Time now) {
  const int status = refusal_of(error);
  outbox_.tell(
      CommandFailed{"answer", id(), {"sdp", std::string(to_string(error.fault)), error.text, error.remedy}});
  if (!leg_->reject(status, now)) on_ended(EndReason::rejected_here, status);
}

Expected<void> Call::reject(int status, Time now) {
  if (!is_ringing()) return wrong_state("rejected");
  if (status < 400 || status > 699)
    return fail(Layer::sip, Fault::range, fmt::format("{} is no status to reject a call with", status),
                "take one from 400 to 699");
  return leg_->reject(status, now);
}

Expected<void> Call::redirect(std::string target, Time now) {
  if (!is_ringing()) return wrong_state("redirected");
  return leg_->redirect(std::move(target), now);
}

Expected<std::uint64_t> Call::transfer(const LegTransfer& to, Time now) {
  if (state_ != CallState::connected) return tl::make_unexpected(wrong_state("transferred").error());
  return leg_->transfer(to, now);
}

Expected<void> Call::hang_up(Time now, EndReason reason) {
  if (state_ == CallState::ended) return wrong_state("hung up");
  if (leg_ == nullptr) {  // nothing was sent yet
    on_ended(reason, 0);
    return {};
  }
  // For the user it is over, and the microphone is closed whatever still crosses our BYE. The SIP core sees
  // to the BYE or CANCEL, which may take 32 s on a dead network.
  static_cast<void>(leg_->end(0, now));
  on_ended(reason, 0);
  return {};
}

Expected<void> Call::hold(bool wanted, Time now) {
  if (!is_answered()) return wrong_state(wanted ? "held" : "resumed");
  hold_wanted_ = wanted;
  session_.set_hold(wanted);
  offer_failures_ = 0;
  offer_again_at_.reset();
  apply_plan();  // silence does not wait for the peer's consent
  reconcile(now);
  changed();
  return {};
}

void Call::offer_anew(Time now) {
  offer_wanted_ = true;
  offer_failures_ = 0;
  reconcile(now);
}

void Call::take_over(const Call& replaced) {
  muted_ = replaced.muted_;
  hold_wanted_ = replaced.hold_wanted_;
  session_.set_hold(hold_wanted_);
  in_conference_ = replaced.is_in_conference();
}

void Call::step_aside(Time now) {
  constexpr Duration patience =
      std::chrono::seconds(5);  // a NOTIFY and the BYE that it leads to, lost thrice
  if (state_ == CallState::ended || end_at_) return;
  end_at_ = now + patience;
  apply_plan();
}

// One may be told of something while he speaks, as call waiting does it.
void Call::beep() {
  constexpr std::chrono::milliseconds length{300};
  if (media_ == Media::ready) outbox_.order(Beep{id(), length});
}

void Call::mute(bool on) {
  if (muted_ == on) return;
  muted_ = on;
  if (media_ == Media::ready) outbox_.order(SetMuted{id(), on});
  changed();
}

Expected<void> Call::confer(bool on, Time now) {
  if (on && !is_answered()) return wrong_state("taken into the conference");
  if (in_conference_ == on) return {};
  in_conference_ = on;
  outbox_.order(Confer{id(), on});
  if (on && hold_wanted_) return hold(false, now);
  changed();
  return {};
}

Expected<void> Call::record(std::string path) {
  if (media_ != Media::ready) return wrong_state("recorded");
  if (path.empty() && !recording_) return {};
  recording_ = !path.empty();
  outbox_.order(Record{id(), std::move(path)});
  changed();
  return {};
}

void Call::recording_ended() {
  recording_ = false;
  changed();
}

Expected<void> Call::play_file(std::string path, bool loop) {
  if (!is_answered() || media_ != Media::ready) return wrong_state("played a file to");
  if (path.empty() && !playing_) return {};
  playing_ = !path.empty();
  outbox_.order(PlayFile{id(), std::move(path), loop});
  changed();
  return {};
}

void Call::file_played() {
  playing_ = false;
  changed();
}

}  // namespace sidetone::endpoint
