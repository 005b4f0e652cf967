// The targets of log_file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sidetone::engine {

struct LogTarget {
  enum class Kind : std::uint8_t { out, err, file } kind = Kind::file;
  std::string path;
  friend bool operator==(const LogTarget&, const LogTarget&) = default;
};

// "stdout,~/logs/phone.log". Quotes keep a comma in a name; the same target twice is one. `home`: what ~ is.
[[nodiscard]] std::vector<LogTarget> parse_log_targets(std::string_view text, std::string_view home);

}  // namespace sidetone::engine
