// Settings that win over the file: of the command line, and those that are set at run time.
#pragma once

#include <string>
#include <vector>

#include "config/document.h"

namespace sidetone::config {

struct Override {
  std::string path;  // any form that find_option() knows, and user:N, server:N, protocol:N of line N
  std::string text;
  std::string origin = "set by hand";  // who says so, for people
  bool existing_section_only = false;  // what all lines share makes no section for one
};

// Puts each into the document in place of what stands there. A path that is no option is an error: whoever
// sets it by hand has mistyped it. A proxyN section that comes into being by it keeps what the line had of
// proxy0.
void put_overrides(const std::vector<Override>& overrides, RawDocument& document, ProblemList& problems);

}  // namespace sidetone::config
