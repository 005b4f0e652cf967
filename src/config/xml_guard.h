// What is checked before an XML parser sees a configuration file.
#pragma once

#include <string_view>

#include "config/problem.h"

namespace sidetone::config {

// Removes a byte order mark, then refuses files that are too large, not UTF-8, or use a document type or
// any entity but the five of XML and character references (no expansion, no outside files). False: refused.
[[nodiscard]] bool guard_xml(std::string_view& text, ProblemList& problems);

}  // namespace sidetone::config
