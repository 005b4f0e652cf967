// The few figures that a row of calls shows, out of all.
#pragma once

#include "sidetone/statistics.h"

namespace sidetone::endpoint {

[[nodiscard]] inline CallQuality brief(const CallStatistics& all) {
  CallQuality quality;
  if (all.local) {
    quality.packets_sent = all.local->packets_sent;
    quality.packets_received = all.local->packets_received;
    quality.packets_lost = all.local->packets_lost;
    quality.jitter = all.local->jitter;
    quality.srtp_discarded = all.local->srtp_discarded;
  }
  if (all.remote_receiver) quality.round_trip = all.remote_receiver->round_trip;
  if (all.jitter_buffer) quality.buffer_delay = all.jitter_buffer->delay;
  quality.mos = all.mos.whole;
  quality.mos_interval = all.mos.interval;
  return quality;
}

}  // namespace sidetone::endpoint
