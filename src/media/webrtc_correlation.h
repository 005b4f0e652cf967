// WebRTC's cross-correlation of 16-bit samples, for which the packaged library has a scalar loop on PCs: a
// quarter of a G.711 call's cost, since NetEq follows the background noise with it every 10 ms. Ours gives
// the same results.
#pragma once

namespace sidetone::media {

// Does nothing. What refers to it brings our function into the program before the library's archive is looked
// at.
void take_part_in_webrtc_correlation();

}  // namespace sidetone::media
