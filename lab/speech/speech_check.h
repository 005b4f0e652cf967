// Did the speech arrive? The one judge of all audio tests: the sent recording is cut into segments of
// 200 ms, each is looked for in the received one within 250 ms of where it must be, and what is found is
// compared. Silent segments are left out.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace sidetone::speech {

struct SpeechRules {
  double median_min = 0.95;
  double fifth_percentile_min = 0.8;
  double found_min = 1.0;  // share of the segments that must be there, in order
  bool wideband = false;   // above 4 kHz energy and likeness are asked for, too
};

struct SpeechVerdict {
  bool good = false;
  std::string reason;  // empty when good
  int segments = 0;    // with speech in them
  int found = 0;
  double median = 0, fifth_percentile = 0;
  double offset_ms = 0;              // received against sent
  double high_band_energy_db = 0;    // received against sent, above 4 kHz
  double high_band_correlation = 0;  // median, above 4 kHz
  [[nodiscard]] std::string to_string() const;
};

// Both at 48 kHz. The received one may begin and end at any time.
[[nodiscard]] SpeechVerdict check_speech(std::span<const std::int16_t> sent,
                                         std::span<const std::int16_t> received,
                                         const SpeechRules& rules = {});

}  // namespace sidetone::speech
