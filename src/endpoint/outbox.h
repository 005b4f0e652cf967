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
  // In place: GCC 12 takes a moved temporary variant for uninitialized.
  template <typename Order>
  void order(Order&& media_order) {
    media.emplace_back(std::forward<Order>(media_order));
  }
};

}  // namespace sidetone::endpoint
