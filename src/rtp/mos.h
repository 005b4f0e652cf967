// Estimated quality of a call: the E-model (ITU-T G.107) with everything but codec, loss and delay at its
// defaults.
#pragma once

#include <chrono>

#include "rtp/loss_bursts.h"

namespace sidetone::rtp {

struct CodecImpairment {
  double ie = 0;    // equipment impairment factor
  double bpl = 10;  // packet-loss robustness factor
};
// G.113 appendix I with loss concealment.
inline constexpr CodecImpairment impairment_g711{0, 25.1};
// G.113 appendix I, G.729A with VAD.
inline constexpr CodecImpairment impairment_g729{11, 19};
// Of iLBC's own listening tests, made for packet loss (RFC 3951 §1); not in G.113.
inline constexpr CodecImpairment impairment_ilbc{10, 32};
// Wideband and full-band codecs on the narrow-band scale, which ends at 93.2: G.113 has 13 for G.722 on the
// wideband scale (G.107.1), which ends at 129. What is not worse than 129 - 93.2 there is none here. The
// robustness is an estimate from published listening tests, not a value of G.113.
inline constexpr CodecImpairment impairment_g722{0, 14};
inline constexpr CodecImpairment impairment_opus{0, 20};
inline constexpr CodecImpairment impairment_isac{0, 14};

// How packets were missing, in the terms of the E-model and of RFC 3611 §4.7.2.
struct LossPattern {
  double fraction = 0;     // 0..1 of the packets not played
  double burst_ratio = 1;  // BurstR: mean run of missing packets to that of random loss
  double burst_density = 0, gap_density = 0;
  std::chrono::microseconds burst_length{0}, gap_length{0};  // means; no burst: 0
};
[[nodiscard]] LossPattern loss_pattern(const LossBursts::Counts& counts);  // fraction and ratio only
[[nodiscard]] LossPattern loss_pattern(const LossBursts& bursts, std::chrono::microseconds packet_time);

// Ie,eff: G.107 §7.5 with the burst ratio, or what ETSI TS 101 329-5 annex E makes of bursts and gaps where
// that is worse. The first knows short runs, the second that listeners forget a burst slowly.
[[nodiscard]] double effective_impairment(CodecImpairment codec, const LossPattern& loss);
// R of G.107; `one_way_delay` mouth to ear. Without delay it rates listening, with it conversation.
[[nodiscard]] double rating(CodecImpairment codec, const LossPattern& loss,
                            std::chrono::microseconds one_way_delay);
[[nodiscard]] double mos_of_rating(double r);  // G.107 annex B: 1 .. 4.5

}  // namespace sidetone::rtp
