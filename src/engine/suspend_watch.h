// Tells that the machine slept, and how long. It costs no wake-up: the kernel itself signals a timer when the
// wall clock jumps, which it does at each resume.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "base/time.h"

namespace sidetone::engine {

// CLOCK_BOOTTIME goes on in suspend and CLOCK_MONOTONIC, by which timers run, does not: their distance grows
// by each sleep, and by nothing else.
class SuspendGap {
 public:
  // The time slept since the last look, when it is worth a word; the first look only remembers.
  [[nodiscard]] std::optional<Duration> look(Duration monotonic, Duration boottime);

 private:
  std::optional<Duration> distance_;
};

class SuspendWatch {
 public:
  using OnResume = std::function<void(Duration slept)>;
  SuspendWatch(boost::asio::io_context& io, OnResume on_resume);
  ~SuspendWatch();
  SuspendWatch(const SuspendWatch&) = delete;
  SuspendWatch& operator=(const SuspendWatch&) = delete;

 private:
  struct State;
  std::shared_ptr<State> state_;  // null where there is no such timer
};

}  // namespace sidetone::engine
