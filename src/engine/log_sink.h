// The log on disk or on stderr. spdlog lives behind this header and nowhere else.
#pragma once

#include <memory>
#include <string>

#include "base/expected.h"
#include "base/log.h"
#include "engine/redaction.h"
#include "engine/steady_time.h"

namespace sidetone::engine {

struct LogSettings {
  std::string file = "stderr";  // or a path, appended to
  LogLevel level = LogLevel::info;
  bool sip_trace = true;
  RedactionRules rules;
  // 0: no limit; else what is more is left out, and a line says how much.
  std::uint64_t bytes_per_s_max = 0;
};

// May be written to from any thread. What is info or worse is on disk when write() returns.
// `clock` must outlive the sink.
Expected<std::unique_ptr<LogSink>> open_log(const LogSettings& settings, const SteadyTime& clock);

}  // namespace sidetone::engine
