// Softphone.config as its XML says it: names and texts with their lines, nothing understood yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.h"

namespace sidetone::config {

// A real file has a few kilobytes. As UTF-8; UTF-16 may have twice as many.
inline constexpr std::size_t file_size_max = 1'000'000;

struct RawSetting {
  std::string path;  // canonical: lower case, dots
  std::string text;
  std::size_t line = 0;
  std::string origin;  // of what does not stand in the file
};

struct RawConnectivity {
  std::string user, server, protocol;
  bool has_user = false, has_server = false, has_protocol = false;
  std::size_t line = 0;
  std::string origin;  // of what does not stand in the file
};

struct RawDocument {
  std::vector<RawConnectivity> connectivities;
  std::vector<RawSetting> settings;
  std::set<std::string> sections;  // canonical paths of all sections, empty ones included
};

// What cannot be read adds an error to `problems`; what was read before stays in the result.
[[nodiscard]] RawDocument read_document(std::string_view text, ProblemList& problems);

}  // namespace sidetone::config
