// Reads logs again: for an archive that leaves the house, and for the figures of calls in them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/redaction.h"

namespace sidetone::engine {

// The log with everything hidden that a log of today hides, whatever it was written with: digits, too, and
// with `hide_numbers` the users of SIP addresses.
[[nodiscard]] std::string redacted_log(std::string_view log, bool hide_numbers);

// The blocks at the ends of calls, oldest first; of more than `calls_max` the last ones.
[[nodiscard]] std::vector<std::string> call_ends_in(std::string_view log, std::size_t calls_max);

}  // namespace sidetone::engine
