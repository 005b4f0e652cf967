// How a log reads. Pure: time and thread come in.
//
//   14:03:35.123|1402|-i- reg   line=1 registered at 192.0.2.7:5060 for 1800 s
//   14:03:36.001|1402|-i- sip   UDP 192.0.2.9:5060 >>>>> 192.0.2.7:5060 512 bytes
//   REGISTER sip:192.0.2.7 SIP/2.0
//   ...
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/log.h"
#include "engine/redaction.h"

namespace sidetone::engine {

struct LogStamp {
  std::chrono::milliseconds time_of_day;  // local
  std::uint64_t thread;
};

// Line ends and control characters in a record's text are shown as escapes: one record, one line.
[[nodiscard]] std::string format_record(const LogRecord& record, LogStamp stamp);
// The lead-in and the redacted message.
[[nodiscard]] std::string format_sip(const SipRecord& record, LogStamp stamp, RedactionRules rules = {});

}  // namespace sidetone::engine
