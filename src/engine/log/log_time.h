// How the log tells the time: log_time_convert and log_time_format.
#pragma once

#include <chrono>
#include <ctime>
#include <memory>
#include <string>

#include "config/configuration.h"

namespace sidetone::engine {

using WallTime = std::chrono::system_clock::time_point;

struct LogTimeForm {
  using Format = config::DiagnosticsOptions::TimeFormat;
  bool utc = false;
  Format format = Format::time;
  friend bool operator==(const LogTimeForm&, const LogTimeForm&) = default;
};

[[nodiscard]] std::tm calendar_of(WallTime time, bool utc);

// "04:58:10.123", "2001-07-24T04:58:10.123", or what the locale of the process's environment makes of it.
class LogTimeWriter {
 public:
  explicit LogTimeWriter(LogTimeForm form);
  [[nodiscard]] std::string text(WallTime time);

 private:
  void begin_second(std::chrono::sys_seconds second);

  LogTimeForm form_;
  std::shared_ptr<void> locale_;
  std::chrono::sys_seconds second_{std::chrono::seconds(-1)};
  std::string text_of_second_;  // a busy log asks for the same one a thousand times
};

}  // namespace sidetone::engine
