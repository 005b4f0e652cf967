// Where lines and calls put what they have to say. The core's user polls it until dry.
#pragma once

#include <deque>
#include <utility>

#include "endpoint/media_order.h"
#include "sidetone/events.h"

namespace sidetone::endpoint {

struct Outbox {
  std::deque<Event> events;
  std::deque<MediaOrder> media;

  bool silent = false;  // nothing follows Stopped

  void tell(Event event) {
    if (!silent) events.push_back(std::move(event));
  }
  void order(MediaOrder media_order) { media.push_back(std::move(media_order)); }
};

}  // namespace sidetone::endpoint
