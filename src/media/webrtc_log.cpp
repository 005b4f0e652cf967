#include "media/webrtc_log.h"

#include <rtc_base/logging.h>

namespace sidetone::media {

// Once: the setting is the process's, and two media threads (a phone and its embedded lab) may come here
// together.
void silence_webrtc_log() {
  [[maybe_unused]] static const bool quiet = (rtc::LogMessage::LogToDebug(rtc::LS_NONE), true);
}

}  // namespace sidetone::media
