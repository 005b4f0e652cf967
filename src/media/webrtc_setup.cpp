#include "media/webrtc_setup.h"

#include <rtc_base/logging.h>
#include <system_wrappers/include/field_trial.h>

namespace sidetone::media {
namespace {

// NetEq takes its finer settings as "field trials". Each is here because `make bench-voice` was better with
// it (docs/performance.md has the figures):
//   enable_stable_playout_delay: speech is stretched and shortened by where the delay of what is played
//   stands, not by how much is in the buffer, which swings with every late packet. 13 ms less delay at 10 ms
//   of jitter, 9 ms less after spikes, at the same score.
constexpr const char* neteq_settings =
    "WebRTC-Audio-NetEqDecisionLogicConfig/enable_stable_playout_delay:true/";

bool set_up_once() {
  rtc::LogMessage::LogToDebug(rtc::LS_NONE);
  webrtc::field_trial::InitFieldTrialsFromString(neteq_settings);  // keeps the pointer
  return true;
}

}  // namespace

// Once: two media threads (a phone and its embedded lab) may come here together.
void set_up_webrtc() { [[maybe_unused]] static const bool done = set_up_once(); }

}  // namespace sidetone::media
