// A call's figures and facts as a voice quality report (RFC 6035).
#pragma once

#include <chrono>

#include "endpoint/report_facts.h"
#include "media/audio_stream.h"
#include "rtp/vq_report.h"

namespace sidetone::engine {

// `wall` is the time of day at `now`.
[[nodiscard]] rtp::VqReport vq_report(const endpoint::ReportFacts& facts,
                                      const media::StreamStatistics& stream, Time now,
                                      std::chrono::system_clock::time_point wall);

}  // namespace sidetone::engine
