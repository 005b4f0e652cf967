// Estimated quality of a call: the E-model (ITU-T G.107) with everything but codec, loss and delay at its
// defaults.
#pragma once

#include <chrono>

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
// Wideband and full-band codecs on the narrow-band scale: no impairment of their own; the robustness is
// an estimate from published listening tests, not a value of G.113.
inline constexpr CodecImpairment impairment_g722{0, 14};
inline constexpr CodecImpairment impairment_opus{0, 20};
inline constexpr CodecImpairment impairment_isac{0, 14};

// R of G.107: `loss_fraction` 0..1 of packets not played, `one_way_delay` mouth to ear.
[[nodiscard]] double rating(CodecImpairment codec, double loss_fraction,
                            std::chrono::microseconds one_way_delay);
[[nodiscard]] double mos_of_rating(double r);  // G.107 annex B: 1 .. 4.5

}  // namespace sidetone::rtp
