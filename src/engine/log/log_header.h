// The first lines of every log file: whose it is, and on what machine and since when it runs.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/time.h"
#include "engine/log/log_time.h"
#include "engine/log/segmented_file.h"

namespace sidetone::engine {

struct LogHeaderFacts {
  std::string application, version;
  std::vector<std::string> command_line;
  std::string host_name, host, time_zone;  // host: processor, memory
  std::string os;
  unsigned long process = 0;
  Moment started{};
  std::vector<std::string> libraries;  // "Opus 1.3.1"
};

// Read once, by whoever opens the log.
[[nodiscard]] LogHeaderFacts read_header_facts(std::string application, Moment now);

// Lines that begin with "***", as the product's banner does. Secrets of the command line are starred.
[[nodiscard]] std::string log_header(const LogHeaderFacts& facts, const std::string& file, Moment now);

// A command line to be shown: values behind options whose names speak of secrets, and passwords in URIs.
[[nodiscard]] std::string shown_command_line(const std::vector<std::string>& arguments);

}  // namespace sidetone::engine
