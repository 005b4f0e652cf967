// The stream's figures as the SDK shows them.
#pragma once

#include "media/audio_stream.h"
#include "sidetone/statistics.h"

namespace sidetone::engine {

[[nodiscard]] CallStatistics statistics_of(const media::StreamStatistics& stream);

}  // namespace sidetone::engine
