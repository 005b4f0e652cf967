// A dialog that a new INVITE stands in for (Replaces, RFC 3891) or adds to (Join, RFC 3911). The tags are
// named as their receiver sees them: to-tag is its own, from-tag the peer's.
#pragma once

#include <string>
#include <string_view>

#include "base/expected.h"

namespace sidetone::sip {

struct Replaces {  // RFC 3891 §6.1
  std::string_view call_id, to_tag, from_tag;
  bool early_only = false;
  static Expected<Replaces> parse(std::string_view value);
  [[nodiscard]] std::string write() const;
};

struct Join {  // RFC 3911 §7.1
  std::string_view call_id, to_tag, from_tag;
  static Expected<Join> parse(std::string_view value);
};

}  // namespace sidetone::sip
