#include "sip/session/repeater.h"

#include <algorithm>

namespace sidetone::sip {

void Repeater::start(StackTimers& timers, Pace pace, std::function<void(Time)> again,
                     std::function<void(Time)> give_up, Time now) {
  pace_ = pace;
  send_ = std::move(again);
  end_ = timers.start(now + pace.give_up, "no_ack", [this, give_up = std::move(give_up)](Time then) {
    again_.stop();
    give_up(then);  // may destroy this
  });
  arm(timers, now);
}

void Repeater::arm(StackTimers& timers, Time now) {
  again_ = timers.start(now + pace_.first, "repeat_response", [this, &timers](Time then) {
    pace_.first *= 2;
    if (pace_.interval_max) pace_.first = std::min(pace_.first, *pace_.interval_max);
    arm(timers, then);
    send_(then);
  });
}

}  // namespace sidetone::sip
