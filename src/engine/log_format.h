// How a log reads. Pure: time and thread come in.
//
//   14:03:35.123|1402|-i- reg    line=0 registered at 192.0.2.7:5060 for 1800 s
//   14:03:36.001|1402|-i- sip    line=0 call=3 UDP 192.0.2.9:5060 >>>>> 192.0.2.7:5060 512 bytes
//   INVITE sip:7002@192.0.2.7 SIP/2.0
//   ...
#pragma once

#include <cstdint>
#include <string>

#include "base/log.h"
#include "engine/log/log_names.h"
#include "engine/redaction.h"

namespace sidetone::engine {

struct LogStamp {
  std::string time;  // log_time.h
  std::uint64_t thread;
};

// The whole line, without its end. Line ends and control characters in a record's text are shown as escapes:
// one record, one line. A record of LogTag::report is one line for each of its text, all with the stamp.
[[nodiscard]] std::string format_record(const LogRecord& record, const LogStamp& stamp);
// The lead-in and the redacted message.
[[nodiscard]] std::string format_sip(const SipRecord& record, const LogStamp& stamp,
                                     LogNameBook::Name name = {}, RedactionRules rules = {});

// Only what stands behind time, thread and ids.
[[nodiscard]] std::string on_one_line(std::string_view text);
[[nodiscard]] std::string sip_text(const SipRecord& record, RedactionRules rules);

}  // namespace sidetone::engine
