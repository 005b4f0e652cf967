// The stream's figures as the SDK shows them.
#pragma once

#include "media/audio_stream.h"
#include "sidetone/snapshot.h"

namespace sidetone::engine {

[[nodiscard]] inline CallQuality quality_of(const media::StreamStatistics& s) {
  CallQuality quality;
  quality.packets_sent = s.packets_sent;
  quality.packets_received = s.packets_received;
  quality.packets_lost = s.packets_lost;
  quality.jitter = s.jitter;
  quality.round_trip = s.round_trip;
  quality.buffer_delay = s.buffer_delay;
  quality.srtp_discarded = s.srtp_forged + s.srtp_replayed + s.srtp_expired;
  quality.mos = s.mos;
  quality.mos_interval = s.mos_interval;
  return quality;
}

}  // namespace sidetone::engine
