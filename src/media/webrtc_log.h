// WebRTC's own words go to standard error, whoever reads that: they are switched off before its first use.
#pragma once

namespace sidetone::media {

// Cheap, from any thread.
void silence_webrtc_log();

}  // namespace sidetone::media
