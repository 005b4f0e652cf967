// Digits of a call: sent by the method that works, heard by any.
#include <fmt/format.h>

#include "endpoint/call.h"

namespace sidetone::endpoint {

Expected<void> Call::send_dtmf(std::string digits, Time now) {
  return send_dtmf(std::move(digits), {settings_->dtmf_tone, settings_->dtmf_gap}, now);
}

Expected<void> Call::send_dtmf(std::string digits, DtmfTiming timing, Time now) {
  if (state_ != CallState::connected && state_ != CallState::early) return wrong_state("sent digits");
  if (!DtmfSending::is_sendable(digits))
    return fail(Layer::media, Fault::range, "these digits cannot be sent",
                "send 1 to 40 of 0-9 * # A-D; a comma is a pause");
  if (!can_send_digits())
    return fail(Layer::media, Fault::state, "there is no way to send digits in this call now",
                hold_wanted_ ? "resume it" : "wait until speech flows");
  if (!digits_.push(std::move(digits), timing))
    return fail(Layer::media, Fault::limit,
                fmt::format("more than {} digits wait to be sent", DtmfSending::digits_max),
                "send them when the others have left");
  send_digits(now);
  return {};
}

DtmfAbilities Call::dtmf_abilities() const {
  return endpoint::dtmf_abilities(applied_, state_ == CallState::connected && !info_refused_);
}

bool Call::can_send_digits() const {
  const bool has_media = state_ == CallState::connected || state_ == CallState::early;
  return has_media && choose_dtmf_method(settings_->dtmf_method, dtmf_abilities());
}

void Call::send_digits(Time now) {
  if (!digits_.is_waiting()) return;
  const auto method = choose_dtmf_method(settings_->dtmf_method, dtmf_abilities());
  if (!method) return drop_unsendable_digits();
  digits_.begin(*method);
  if (*method == DtmfMethod::info) return send_next_info(now);
  const auto timing = digits_.timing();
  outbox_.order(SendDigits{id(), digits_.left(), timing.tone, timing.gap, *method == DtmfMethod::inband_rtp,
                           settings_->tones.dtmf_feedback});
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
  const auto tone = digits_.timing().tone;
  if (!leg_->send_digit(left.front(), tone, now)) return on_digit_answered(false, now);
  if (settings_->tones.dtmf_feedback) outbox_.order(SoundDigit{id(), left.front(), tone});
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

void Call::digits_sent(std::size_t count, Time now) {
  for (; count > 0 && digits_.method() && digits_.method() != DtmfMethod::info; --count) digit_left(now);
}

void Call::digit_heard(char digit, std::chrono::milliseconds duration, DtmfMethod method, Time now) {
  if (state_ == CallState::ended || !heard_digits_.is_new(digit, method, now)) return;
  outbox_.tell(DtmfReceived{id(), digit, duration, method});
}

}  // namespace sidetone::endpoint
