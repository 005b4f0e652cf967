/// @file logger.h
/// The log in the hands of the application: a Logger given in EndpointSettings::logger receives every line
/// that the log's options let through, beside the files of `log_file` or instead of them.
///
/// @code
/// struct ToSyslog final : sidetone::Logger {
///   void write(const sidetone::LogLine& line) override {
///     constexpr int priorities[] = {LOG_CRIT, LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};
///     syslog(priorities[line.level], "%s: %s", line.component.c_str(), line.text.c_str());
///   }
/// };
/// settings.logger = std::make_shared<ToSyslog>();
/// @endcode
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "sidetone/types.h"

namespace sidetone {

struct LogLine {
  int level = 3;          ///< 0 fatal, 1 error, 2 warning, 3 info, 4 debug: as option log_level
  std::string component;  ///< "sip", "reg", "call", "media", "device", "config", "net", "engine" or "report"
  std::optional<LineId> line;                  ///< whose it is, where that is known
  CallId call;                                 ///< 0: of none
  std::chrono::system_clock::time_point time;  ///< of the event, not of the writing
  std::uint64_t thread = 0;                    ///< the system's id of the thread that wrote it
  /// Without line end. Secrets are starred already. A SIP message is one line of direction and peers, and the
  /// message below it; everything else is one line without control characters.
  std::string text;
};

/// Implemented by the application.
///
/// Threading: called on the log's own thread, one line after the other; never on a thread of a call. A Logger
/// that takes its time costs lines (a later one tells how many), not calls. It must outlive no one: the
/// endpoint holds it. It must not destroy its endpoint.
class Logger {
 public:
  virtual ~Logger() = default;
  virtual void write(const LogLine& line) = 0;
};

}  // namespace sidetone
