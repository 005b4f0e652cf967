// The file system as the log sees it: an interface, so that tests can let it be full, read-only or gone.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"
#include "engine/log/log_segments.h"

namespace sidetone::engine {

class LogFile {
 public:
  virtual ~LogFile() = default;
  // All of it, or an error; a part may have been written then.
  virtual Expected<void> write(std::string_view bytes) = 0;
  // Whether the file can still be found under the name that it was opened by.
  [[nodiscard]] virtual bool is_in_place() const = 0;
};

class LogDisk {
 public:
  virtual ~LogDisk() = default;
  enum class Mode : std::uint8_t { append, create };  // create: Fault::busy when it is there
  // Makes the folders that are missing.
  [[nodiscard]] virtual Expected<std::unique_ptr<LogFile>> open(const std::string& path, Mode mode) = 0;
  // Regular files of a folder.
  [[nodiscard]] virtual std::vector<LogFileFacts> list(const std::string& folder) = 0;
  virtual bool remove(const std::string& path) = 0;
};

// The real one. Files are for their owner only: logs hold numbers and names of callers.
[[nodiscard]] std::unique_ptr<LogDisk> system_log_disk();

}  // namespace sidetone::engine
