// What is going to happen, in order of time; equal times keep the order in which they were planned, so that
// one seed is one history.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/time.h"

namespace sidetone::sim {

class EventQueue {
 public:
  using Happening = std::function<void(Time)>;

  void at(Time when, Happening what);
  [[nodiscard]] std::optional<Time> next() const;
  void run_next();  // there must be one
  [[nodiscard]] std::size_t size() const { return heap_.size(); }

 private:
  struct Entry {
    Time when;
    std::uint64_t order;
    Happening what;
  };
  struct Later {
    bool operator()(const Entry& a, const Entry& b) const {
      return a.when != b.when ? a.when > b.when : a.order > b.order;
    }
  };
  std::vector<Entry> heap_;
  std::uint64_t order_ = 0;
};

}  // namespace sidetone::sim
