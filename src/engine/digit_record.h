// What the log tells of digits: that they went or came, and which, unless log_filter hides them.
#pragma once

#include <optional>

#include "base/log.h"
#include "sidetone/events.h"

namespace sidetone::engine {

// Nothing for events of other things.
[[nodiscard]] std::optional<LogRecord> digit_record(const Event& event, bool hide_digits, Time now);

}  // namespace sidetone::engine
