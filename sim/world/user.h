// A person at a phone: dials, answers, refuses, hangs up at any moment, holds and resumes, mutes, sends
// digits, and now and then presses a button of a call that is no more. Knows what events told, nothing else.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/event_queue.h"
#include "sim/phone.h"

namespace sidetone::sim {

class User {
 public:
  User(Phone& phone, std::vector<std::string> numbers, EventQueue& queue)
      : phone_(phone), numbers_(std::move(numbers)), queue_(queue) {}

  void start(Time now) { think(now); }
  // From here on: no new calls, and every call is ended.
  void go_home() { going_home_ = true; }
  // Called after anything happened at the phone: notices calls that began to ring.
  void look(Time now);

 private:
  void think(Time now);
  void act(Time now);
  void answer_or_not(CallId call, Time now);
  void dial(Time now);
  void handle_call(const CallSnapshot& call, Time now);
  [[nodiscard]] Duration ms(std::uint64_t from, std::uint64_t to);

  Phone& phone_;
  std::vector<std::string> numbers_;
  EventQueue& queue_;
  bool going_home_ = false;
};

}  // namespace sidetone::sim
