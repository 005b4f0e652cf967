// One heap for all timers above the transactions: 2xx repetition, glare, refreshes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/time.h"

namespace sidetone::sip {

class StackTimers;

// Owns one timer: it stops when its owner goes, so that an action never meets a dead object.
class Timer {
 public:
  Timer() = default;
  Timer(Timer&& other) noexcept : heap_(std::exchange(other.heap_, nullptr)), id_(other.id_) {}
  Timer& operator=(Timer&& other) noexcept {
    if (this != &other) {
      stop();
      heap_ = std::exchange(other.heap_, nullptr);
      id_ = other.id_;
    }
    return *this;
  }
  ~Timer() { stop(); }
  void stop();
  [[nodiscard]] bool running() const;

 private:
  friend class StackTimers;
  Timer(StackTimers& heap, std::uint64_t id) : heap_(&heap), id_(id) {}
  StackTimers* heap_ = nullptr;
  std::uint64_t id_ = 0;
};

class StackTimers {
 public:
  using Action = std::function<void(Time)>;
  // `why` is a literal.
  [[nodiscard]] Timer start(Time when, std::string_view why, Action action);
  // Runs what is due at `now`, in order of time, then of start; also what these actions start for now.
  void run_due(Time now);
  [[nodiscard]] std::optional<Deadline> deadline() const;
  [[nodiscard]] std::size_t size() const { return order_.size(); }

 private:
  friend class Timer;
  struct Entry {
    Time when;
    std::string_view why;
    Action action;
  };
  std::set<std::pair<Time, std::uint64_t>> order_;
  std::unordered_map<std::uint64_t, Entry> entries_;
  std::uint64_t last_ = 0;
};

}  // namespace sidetone::sip
