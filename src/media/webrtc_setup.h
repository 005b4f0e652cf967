// What of WebRTC's library is the process's and not an object's, set before its first use: its own words,
// which would go to standard error whoever reads that, are switched off, and the settings of NetEq are ours.
#pragma once

namespace sidetone::media {

// Cheap, from any thread.
void set_up_webrtc();

}  // namespace sidetone::media
