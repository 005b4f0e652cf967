#include "media/dtmf_queue.h"

#include <algorithm>

namespace sidetone::media {
namespace {

constexpr int tick_ms = 10;
constexpr int ticks_per_report = 2;  // 20 ms, as the audio around it (RFC 4733 §2.5.1.2)
constexpr int pause_ticks = 200;     // ',' is two seconds, as modems have it
constexpr std::int64_t tone_ms_min = 40;
constexpr std::int64_t tone_ms_max = 10000;

}  // namespace

bool DtmfQueue::push(std::string_view digits, std::chrono::milliseconds tone, std::chrono::milliseconds gap,
                     DigitWay way) {
  if (digits.empty() || digits.size() > digits_max - count_) return false;
  for (const char digit : digits)
    if (digit != ',' && !rtp::event_of_digit(digit)) return false;
  const auto tone_ms =
      static_cast<std::uint16_t>(std::clamp<std::int64_t>(tone.count(), tone_ms_min, tone_ms_max));
  const auto gap_ms =
      static_cast<std::uint16_t>(std::clamp<std::int64_t>(gap.count(), tone_ms_min, tone_ms_max));
  for (const char digit : digits) digits_[(first_ + count_++) % digits_max] = {digit, tone_ms, gap_ms, way};
  return true;
}

void DtmfQueue::clear() {
  count_ = 0;
  pause_left_ = tone_left_ = 0;
  sender_ = {};
}

DtmfQueue::Step DtmfQueue::step(std::uint32_t timestamp, int clock_hz) {
  Step step;
  if (pause_left_ > 0) {
    pause(step);
    return step;
  }
  if (!sender_.busy() && tone_left_ == 0) begin_next(timestamp, clock_hz, step);
  if (tone_left_ > 0) {
    sound(step);
    return step;
  }
  if (!sender_.busy()) return step;
  if (until_report_-- > 0) return step;
  until_report_ = ticks_per_report - 1;
  const bool was_ending = sender_.ending();
  step.report = sender_.step();
  if (!was_ending && step.report && step.report->payload.end) {
    step.ended = current_.digit;
    step.duration = std::chrono::milliseconds{current_.tone_ms};
  }
  return step;
}

void DtmfQueue::sound(Step& step) {
  step.tone = current_.digit;
  if (--tone_left_ > 0) return;
  step.ended = current_.digit;
  step.duration = std::chrono::milliseconds{current_.tone_ms};
  pause_left_ = current_.gap_ms / tick_ms;
}

void DtmfQueue::pause(Step& step) {
  --pause_left_;
  step.quiet = current_.digit != ',';
  if (pause_left_ == 0 && current_.digit == ',') step.ended = ',';
}

void DtmfQueue::begin_next(std::uint32_t timestamp, int clock_hz, Step& step) {
  if (count_ == 0) return;
  current_ = digits_[first_];
  first_ = (first_ + 1) % digits_max;
  --count_;
  if (current_.digit == ',') {
    pause_left_ = pause_ticks;
    return;
  }
  if (current_.way == DigitWay::tones) {
    tone_left_ = current_.tone_ms / tick_ms;
    return;
  }
  const auto units_per_ms = static_cast<std::uint32_t>(clock_hz / 1000);
  sender_.begin(*rtp::event_of_digit(current_.digit), timestamp, current_.tone_ms * units_per_ms,
                current_.gap_ms * units_per_ms, units_per_ms * 10 * ticks_per_report);
  until_report_ = 0;
  step.began = true;
}

}  // namespace sidetone::media
