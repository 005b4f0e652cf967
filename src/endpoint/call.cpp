#include "endpoint/call.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "endpoint/brief_quality.h"

namespace sidetone::endpoint {
namespace {

constexpr Duration offer_retry_pause = std::chrono::seconds(2);
constexpr int offer_failures_max = 5;  // ten seconds of trying; then the user must ask again

// The answer to an offer that we cannot take (RFC 3261 §21.4, §14.2 for 491).
int refusal_of(const Error& error) {
  switch (error.fault) {
    case Fault::syntax:
    case Fault::limit: return 400;
    case Fault::state: return 491;  // our own offer is on its way
    default: return 488;
  }
}

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

// --- intents

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

Expected<void> Call::hang_up(Time now) {
  if (state_ == CallState::ended) return wrong_state("hung up");
  if (leg_ == nullptr) {  // nothing was sent yet
    on_ended(EndReason::hung_up_here, 0);
    return {};
  }
  // For the user it is over, and the microphone is closed whatever still crosses our BYE. The SIP core sees
  // to the BYE or CANCEL, which may take 32 s on a dead network.
  static_cast<void>(leg_->end(0, now));
  on_ended(EndReason::hung_up_here, 0);
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

Expected<void> Call::send_dtmf(std::string digits, Time now) {
  if (state_ != CallState::connected && state_ != CallState::early) return wrong_state("sent digits");
  if (!DtmfSending::is_sendable(digits))
    return fail(Layer::media, Fault::range, "these digits cannot be sent",
                "send 1 to 40 of 0-9 * # A-D; a comma is a pause");
  if (!choose_dtmf_method(settings_->dtmf_method, dtmf_abilities()))
    return fail(Layer::media, Fault::state, "there is no way to send digits in this call now",
                hold_wanted_ ? "resume it" : "wait until speech flows");
  if (!digits_.push(std::move(digits)))
    return fail(Layer::media, Fault::limit,
                fmt::format("more than {} digits wait to be sent", DtmfSending::digits_max),
                "send them when the others have left");
  send_digits(now);
  return {};
}

DtmfAbilities Call::dtmf_abilities() const {
  return endpoint::dtmf_abilities(applied_, state_ == CallState::connected && !info_refused_);
}

void Call::send_digits(Time now) {
  if (!digits_.is_waiting()) return;
  const auto method = choose_dtmf_method(settings_->dtmf_method, dtmf_abilities());
  if (!method) return drop_unsendable_digits();
  digits_.begin(*method);
  if (*method == DtmfMethod::info) return send_next_info(now);
  outbox_.order(SendDigits{id(), digits_.left(), settings_->dtmf_tone, settings_->dtmf_gap,
                           *method == DtmfMethod::inband_rtp, settings_->tones.dtmf_feedback});
}

// Each INFO waits for the answer of the one before: that is pause enough between two digits.
void Call::send_next_info(Time now) {
  constexpr Duration comma_pause = std::chrono::seconds(2);  // as modems have it
  const auto left = digits_.left();
  if (left.front() == ',') {
    next_info_at_ = now + comma_pause;
    return;
  }
  info_in_flight_ = true;
  if (!leg_->send_digit(left.front(), settings_->dtmf_tone, now)) return on_digit_answered(false, now);
  if (settings_->tones.dtmf_feedback) outbox_.order(SoundDigit{id(), left.front(), settings_->dtmf_tone});
}

void Call::digit_left(Time now) {
  auto sent = digits_.advance();
  if (!sent && digits_.method() == DtmfMethod::info) return send_next_info(now);
  tell(std::move(sent));
  send_digits(now);
}

void Call::tell(std::optional<DtmfSending::Sent> sent) {
  if (sent) outbox_.tell(DtmfSent{id(), std::move(sent->digits), sent->method});
}

// A far end that refuses INFO is asked no more: what is left goes by another method, if there is one.
void Call::on_digit_answered(bool accepted, Time now) {
  if (!std::exchange(info_in_flight_, false) || digits_.method() != DtmfMethod::info) return;
  if (accepted) return digit_left(now);
  info_refused_ = true;
  tell(digits_.turn_back());
  send_digits(now);
}

// A hold, another codec, another peer: digits that wait must not come out of their time.
void Call::drop_unsendable_digits() {
  const auto abilities = dtmf_abilities();
  const auto method = digits_.method();
  const bool goes_on = method == DtmfMethod::info || (method == DtmfMethod::rfc2833 && abilities.events) ||
                       (method == DtmfMethod::inband_rtp && abilities.tones);
  if (goes_on || (!method && !digits_.is_waiting())) return;
  tell(digits_.turn_back());
  const auto dropped = digits_.give_up();
  outbox_.tell(
      CommandFailed{"dtmf",
                    id(),
                    {"media", "state", fmt::format("{} digits could not be sent", dropped),
                     info_refused_ ? "the far end takes no digits by INFO: set dtmf_method to Rfc2833"
                                   : "send them when speech flows"}});
}

// --- from the media side

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

void Call::digits_sent(std::size_t count, Time now) {
  for (; count > 0 && digits_.method() && digits_.method() != DtmfMethod::info; --count) digit_left(now);
}

void Call::digit_heard(char digit, std::chrono::milliseconds duration, DtmfMethod method, Time now) {
  if (state_ == CallState::ended || !heard_digits_.is_new(digit, method, now)) return;
  outbox_.tell(DtmfReceived{id(), digit, duration, method});
}

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

// --- from signalling

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
  connect(now);
  if (std::exchange(answer_awaited_, false)) {
    if (auto taken = session_.take_answer(sdp); !taken) {
      changed();
      if (!leg_->end(0, now)) on_ended(EndReason::network_failure, 0);
      return;
    }
  }
  apply_plan();
  reconcile(now);
  changed();
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
  offer_in_flight_ = offer_refreshes_ = false;
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

void Call::on_ended(EndReason reason, int status) {
  if (state_ == CallState::ended) return;
  state_ = CallState::ended;
  end_reason_ = reason;
  end_status_ = status;
  auto_answer_at_.reset();
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

// --- time

std::optional<Deadline> Call::deadline() const {
  std::optional<Deadline> next;
  if (auto_answer_at_) next = Deadline{*auto_answer_at_, "auto_answer"};
  if (offer_again_at_) next = earlier(next, Deadline{*offer_again_at_, "offer_again"});
  if (next_info_at_) next = earlier(next, Deadline{*next_info_at_, "dtmf_pause"});
  return next;
}

void Call::on_time(Time now) {
  if (auto_answer_at_ && *auto_answer_at_ <= now) {
    auto_answer_at_.reset();
    static_cast<void>(answer(now));
  }
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

// --- inside

bool Call::is_held() const { return hold_wanted_ || session_.held_by_us() || session_.held_by_peer(); }

bool Call::may_send() const {
  if (state_ == CallState::ended || hold_wanted_) return false;
  return !is_incoming() || is_answered();
}

void Call::apply_plan() {
  if (media_ != Media::ready) return;
  session_.allow_send(may_send());
  auto plan = session_.plan();
  if (!plan) return;
  if (hold_wanted_) plan->receive = false;
  if (!is_incoming() && !is_answered() && !ringback_.hears_media()) plan->receive = false;
  if (state_ == CallState::connected && plan->receive && !is_held())
    plan->inactivity_max = settings_->rtp_inactivity_timeout;
  if (applied_ == plan) return;
  applied_ = std::move(plan);
  outbox_.order(ApplyPlan{id(), *applied_});
  drop_unsendable_digits();
}

void Call::reconcile(Time now) {
  order_move();
  if (state_ != CallState::connected || offer_in_flight_ || answer_awaited_ || offer_again_at_) return;
  if (media_moves_ || offer_failures_ >= offer_failures_max) return;  // ... or it is tried again
  if (hold_wanted_ == session_.held_by_us() && !session_.has_moved() && !session_.has_spare_line() &&
      !session_.wants_new_keys())
    return;
  auto sdp = session_.make_offer();
  if (leg_->offer(std::move(sdp), now)) {
    offer_in_flight_ = true;
    return;
  }
  session_.rollback();  // the peer's own re-INVITE is being dealt with: ours comes after it
  offer_again_at_ = now + offer_retry_pause;
}

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
  snapshot.end_reason = end_reason_;
  snapshot.status = end_status_;
  snapshot.quality = brief(statistics_);
  snapshot.quality_alarm = watch_.on();
  return snapshot;
}

}  // namespace sidetone::endpoint
