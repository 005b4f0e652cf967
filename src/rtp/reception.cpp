#include "rtp/reception.h"

#include <algorithm>

namespace sidetone::rtp {
namespace {

constexpr std::uint32_t sequence_mod = 1u << 16;
constexpr std::uint16_t dropout_max = 3000;  // §A.1
constexpr std::uint16_t misorder_max = 100;
// Long enough for the numbers to have gone far, at 50 packets a second: what comes then is no stray packet.
constexpr Duration pause_min = std::chrono::seconds{5};
constexpr std::uint32_t no_bad_sequence = sequence_mod + 1;

}  // namespace

Reception::Reception(std::uint32_t clock_hz, std::uint16_t first_sequence, int probation)
    : clock_hz_(clock_hz), probation_(probation) {
  start(first_sequence);
  max_sequence_ = static_cast<std::uint16_t>(first_sequence - 1);
  if (probation_ == 0) start(first_sequence);
}

void Reception::start(std::uint16_t sequence) {
  // A restart keeps the totals: the report's loss is cumulative over the call.
  expected_before_ += received_ > received_before_ ? cycles_ + max_sequence_ - base_sequence_ + 1 : 0;
  received_before_ = received_;
  base_sequence_ = sequence;
  max_sequence_ = sequence;
  bad_sequence_ = no_bad_sequence;
  cycles_ = 0;
  transit_known_ = false;
}

Reception::Verdict Reception::update(std::uint16_t sequence, std::uint32_t timestamp, Time arrival) {
  if (probation_ > 0) {
    const bool in_sequence = sequence == static_cast<std::uint16_t>(max_sequence_ + 1);
    max_sequence_ = sequence;
    if (!in_sequence) {
      probation_ = 1;  // this one may be the first of two
      return Verdict::on_probation;
    }
    if (--probation_ > 0) return Verdict::on_probation;
    start(sequence);
  }
  auto verdict = Verdict::accepted;
  const auto delta = static_cast<std::uint16_t>(sequence - max_sequence_);
  if ((delta == 0 && received_ > received_before_) || delta > sequence_mod - misorder_max) {
    verdict = Verdict::late_or_duplicate;
  } else if (delta < dropout_max) {
    if (sequence < max_sequence_) cycles_ += sequence_mod;
    max_sequence_ = sequence;
    bad_sequence_ = no_bad_sequence;
  } else {
    const bool after_pause = received_ > 0 && arrival - last_arrival_ >= pause_min;
    if (sequence != bad_sequence_ && !after_pause) {
      bad_sequence_ = (sequence + 1u) & (sequence_mod - 1);
      return Verdict::jumped;
    }
    start(sequence);
    verdict = Verdict::restarted;
  }
  ++received_;
  last_arrival_ = arrival;
  measure_jitter(timestamp, arrival);
  return verdict;
}

void Reception::set_clock(std::uint32_t clock_hz) {
  if (clock_hz == clock_hz_) return;
  // Keep the figure in seconds.
  jitter_16_ = static_cast<std::uint32_t>(std::uint64_t{jitter_16_} * clock_hz / clock_hz_);
  clock_hz_ = clock_hz;
  transit_known_ = false;
}

void Reception::measure_jitter(std::uint32_t timestamp, Time arrival) {
  // Split, so that microseconds times 48000 cannot overflow on a host that has been up for years.
  const auto us = static_cast<std::uint64_t>(arrival.time_since_epoch().count());
  const auto units = us / 1000000 * clock_hz_ + us % 1000000 * clock_hz_ / 1000000;
  const auto transit = static_cast<std::uint32_t>(units) - timestamp;
  if (transit_known_) {
    const auto difference = static_cast<std::int32_t>(transit - transit_);
    // One second is no jitter, but a pause or a new time base (hold, new source behind a B2BUA).
    const auto size =
        difference < 0 ? 0u - static_cast<std::uint32_t>(difference) : static_cast<std::uint32_t>(difference);
    if (size < clock_hz_) jitter_16_ += size - ((jitter_16_ + 8) >> 4);
  }
  transit_ = transit;
  transit_known_ = true;
}

std::uint64_t Reception::expected() const {
  if (received_ == received_before_) return expected_before_;
  return expected_before_ + (cycles_ + max_sequence_ - base_sequence_ + 1);
}

std::int64_t Reception::lost() const {
  return static_cast<std::int64_t>(expected()) - static_cast<std::int64_t>(received_);
}

std::chrono::microseconds Reception::jitter_time() const {
  return std::chrono::microseconds{std::uint64_t{jitter()} * 1000000 / clock_hz_};
}

std::uint8_t Reception::take_fraction_lost() {
  const auto expected_now = expected();
  const auto expected_interval = expected_now - expected_prior_;
  const auto received_interval = received_ - received_prior_;
  expected_prior_ = expected_now;
  received_prior_ = received_;
  if (expected_interval == 0 || received_interval >= expected_interval) return 0;
  return static_cast<std::uint8_t>(
      std::min<std::uint64_t>(255, ((expected_interval - received_interval) << 8) / expected_interval));
}

}  // namespace sidetone::rtp
