// The block at the end of a call.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "sidetone/events.h"

namespace sidetone::engine {

struct CallTimes {
  Time begun{}, ended{};
  std::optional<Time> answered;
};

// Reason, durations, codec, packets, loss, jitter, buffer, MOS, voice: one line for each group of figures,
// "name: ..." behind two blanks. For LogTag::report; `sidetone diagnostics` reads it, too.
[[nodiscard]] std::string call_end_text(const CallEnded& ended, const CallTimes& times);

[[nodiscard]] std::string_view words(CallDirection direction);  // "incoming from"

}  // namespace sidetone::engine
