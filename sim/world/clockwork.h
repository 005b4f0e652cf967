// Moves a world's time: to the next planned event or the next deadline of a node, whichever comes first, and
// nowhere else. It sees to it that no node keeps the time from going on.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "sim/event_queue.h"
#include "sim/node.h"
#include "sim/verdict.h"

namespace sidetone::sim {

class Clockwork {
 public:
  Clockwork(EventQueue& queue, Verdict& verdict) : queue_(queue), verdict_(verdict) {}

  // `look` is called after anything happened at the node.
  void add(Node& node, std::function<void(Time)> look = {}) {
    wakes_.push_back({&node, std::move(look), {}});
  }
  void run_until(Time end);
  [[nodiscard]] Time now() const { return now_; }

 private:
  struct Wake {
    Node* node;
    std::function<void(Time)> look;
    std::optional<Deadline> due;
    int late = 0;  // times in a row that it was due again at once
  };
  void look_at_touched();
  void wake(Wake& wake);

  EventQueue& queue_;
  Verdict& verdict_;
  Time now_{};
  std::vector<Wake> wakes_;
};

}  // namespace sidetone::sim
