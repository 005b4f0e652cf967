// Sends the same thing at T1, 2*T1, 4*T1 ... until it is stopped, and gives up after 64*T1: the pattern of
// a 2xx that waits for its ACK (RFC 3261 §13.3.1.4, intervals end at T2) and of a reliable provisional
// response that waits for its PRACK (RFC 3262 §3, intervals grow without an end).
#pragma once

#include <functional>
#include <optional>

#include "sip/stack_timers.h"

namespace sidetone::sip {

class Repeater {
 public:
  struct Pace {
    Duration first;
    std::optional<Duration> interval_max;
    Duration give_up;
  };
  void start(StackTimers& timers, Pace pace, std::function<void(Time)> again,
             std::function<void(Time)> give_up, Time now);
  void stop() {
    again_.stop();
    end_.stop();
  }
  [[nodiscard]] bool running() const { return end_.running(); }

 private:
  void arm(StackTimers& timers, Time now);
  Pace pace_{};
  std::function<void(Time)> send_;
  Timer again_, end_;
};

}  // namespace sidetone::sip
