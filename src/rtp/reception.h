// What a receiver knows about one source: sequence validation (RFC 3550 §A.1), loss (§A.3), jitter (§A.8).
#pragma once

#include <cstdint>

#include "base/time.h"

namespace sidetone::rtp {

class Reception {
 public:
  // `probation`: packets in sequence before a source counts as valid; 0 trusts the first.
  Reception(std::uint32_t clock_hz, std::uint16_t first_sequence, int probation);

  enum class Verdict {
    accepted,
    on_probation,
    late_or_duplicate,  // accepted, but does not move the highest sequence
    restarted,          // the sender started its sequence anew, or goes on after a long pause; accepted
    jumped,             // far off: believed when the next one follows it
  };
  Verdict update(std::uint16_t sequence, std::uint32_t timestamp, Time arrival);
  // A payload type with another clock: differences across the change mean nothing (RFC 7160).
  void set_clock(std::uint32_t clock_hz);

  [[nodiscard]] std::uint32_t highest_sequence() const { return cycles_ + max_sequence_; }
  [[nodiscard]] std::uint64_t received() const { return received_; }
  [[nodiscard]] std::uint64_t expected() const;
  [[nodiscard]] std::int64_t lost() const;                                // negative with duplicates
  [[nodiscard]] std::uint32_t jitter() const { return jitter_16_ >> 4; }  // timestamp units
  [[nodiscard]] std::chrono::microseconds jitter_time() const;
  // Lost since the last call, of 256 (§A.3).
  std::uint8_t take_fraction_lost();

 private:
  void start(std::uint16_t sequence);
  void measure_jitter(std::uint32_t timestamp, Time arrival);

  std::uint32_t clock_hz_;
  std::uint16_t max_sequence_ = 0;
  std::uint32_t cycles_ = 0;
  std::uint32_t base_sequence_ = 0;
  std::uint32_t bad_sequence_ = 0;
  int probation_;
  Time last_arrival_{};
  std::uint64_t received_ = 0;
  std::uint64_t expected_prior_ = 0, received_prior_ = 0;
  std::uint64_t expected_before_ = 0, received_before_ = 0;  // of earlier starts of the same source
  std::uint32_t transit_ = 0, jitter_16_ = 0;
  bool transit_known_ = false;
};

}  // namespace sidetone::rtp
