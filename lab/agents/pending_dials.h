// Calls that were asked for and are not there yet. A phone answers its commands in their order, each dialling
// with CallAdded or with a CommandFailed that names no call: whichever comes is the oldest one's.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "base/time.h"

namespace sidetone::lab {

struct PendingDial {
  std::string dn;
  Time asked;
};

class PendingDials {
 public:
  void ask(std::string dn, Time now) { waiting_.push_back({std::move(dn), now}); }
  [[nodiscard]] bool empty() const { return waiting_.empty(); }
  // None: it is nobody's, such as a call to `dn` that the user of the phone has made himself.
  std::optional<PendingDial> added(const std::string& dn) {
    return empty() || waiting_.front().dn != dn ? std::nullopt : take();
  }
  std::optional<PendingDial> failed() { return empty() ? std::nullopt : take(); }

 private:
  std::optional<PendingDial> take() {
    auto oldest = std::move(waiting_.front());
    waiting_.pop_front();
    return oldest;
  }
  std::deque<PendingDial> waiting_;
};

}  // namespace sidetone::lab
