// log_options_provider: which levels the classes of the lower layers write. The guide's list of values is
// garbled (its example is "gsip=2, webrtc=(error,critical)"); what is read here is
//   class = level            0 to 4 as in log_level, 5 writes nothing
//   class = (name, name)     exactly these: critical, error, warning, info, state, api, debug
#pragma once

#include <cstdint>
#include <string_view>

#include "base/expected.h"
#include "base/log.h"

namespace sidetone::config {

// The names that the product's own log shows: its endpoint, its SIP library, transport, RTP and sound.
enum class LogClass : std::uint8_t { gsept, gsip, pjnt, rtpt, webrtc };
[[nodiscard]] std::string_view to_string(LogClass log_class);

struct ClassLevels {
  LogClass log_class = LogClass::gsept;
  LogLevels levels;
  friend bool operator==(const ClassLevels&, const ClassLevels&) = default;
};

// One item of the list.
[[nodiscard]] Expected<ClassLevels> parse_class_levels(std::string_view item);

}  // namespace sidetone::config
