// How good did the speech sound, and how late was it? For benchmarks of the receive path, where
// check_speech() would only say yes or no.
//
// Delay: the said recording is cut into segments of 80 ms, each is looked for in the heard one below 1.8 kHz,
// and the path through all places that fits best and jumps least is taken. A segment that is found nowhere
// (concealed, lost) has no delay of its own and is compared where its neighbours are.
//
// Score: both are compared in Bark bands (Zwicker) every 10 ms, the heard one where its segment was found, as
// the difference of their levels in dB. What is 40 dB below the band's usual level is as good as silence.
// Stretches of 200 ms count by their worst parts (L4 norm inside, L2 norm over them): one hole hurts more
// than the same loss spread out. The result is scaled by what silence in place of the speech would get:
//   100 the same sound, 0 nothing heard.
// Steps of time alone (a jitter buffer that stretches) cost little, as for the ear; the delay tells them.
#pragma once

#include <cstdint>
#include <span>

namespace sidetone::speech {

struct SpeechScore {
  double score = 0;
  double delay_mean_ms = 0, delay_95_ms = 0;  // of what was found
  double found = 0;                           // share of the segments with speech
};

// Both at 48 kHz. Sample i of `heard` was played `heard_offset_ms` later than sample i of `said` was spoken.
// Delays from 0 to 600 ms are looked for.
[[nodiscard]] SpeechScore score_speech(std::span<const std::int16_t> said,
                                       std::span<const std::int16_t> heard, double heard_offset_ms,
                                       bool wideband);

}  // namespace sidetone::speech
