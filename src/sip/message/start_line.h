// RFC 3261 §7.1, §7.2.
#pragma once

#include <string_view>

#include "sip/message/read.h"

namespace sidetone::sip {

struct StartLine {
  int status = 0;  // 0: a request
  std::string_view method_name;
  std::string_view uri;
  std::string_view reason;
  bool is_response = false;      // also set when the rest of the line is bad
  bool version_unknown = false;  // a request of another SIP version: 505 (§21.5.6)
};

// `line` without its line end. What could be read stays in `start`, even when something is wrong.
[[nodiscard]] Complaint read_start_line(std::string_view line, StartLine& start);

}  // namespace sidetone::sip
