// What an endpoint's events are worth in the log.
#pragma once

#include <optional>
#include <unordered_map>

#include "base/log.h"
#include "engine/log/call_end.h"
#include "sidetone/events.h"

namespace sidetone::engine {

// Lines that register or fail, calls that come, are answered and end, what was warned of and refused.
class EventRecords {
 public:
  [[nodiscard]] std::optional<LogRecord> record(const Event& event, Time now);

 private:
  LogRecord on(const LineChanged& event) const;
  LogRecord on(const CallAdded& event, Time now);
  std::optional<LogRecord> on(const CallChanged& event, Time now);
  LogRecord on(const CallEnded& event, Time now);

  std::unordered_map<CallId, CallTimes> calls_;  // those alive: as many as the endpoint lets be
};

}  // namespace sidetone::engine
