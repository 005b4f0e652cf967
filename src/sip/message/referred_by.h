// Referred-By (RFC 3892): who asked the caller, by REFER, to make this call.
#pragma once

#include <optional>
#include <string_view>

#include "sip/message/headers.h"
#include "sip/message/message.h"

namespace sidetone::sip {

struct ReferredBy {  // §3
  NameAddr referrer;
  std::string_view cid;  // of the body that would prove it; not checked here
  static Expected<ReferredBy> parse(std::string_view value);
};

// Nothing when absent or malformed; the parser has seen to it that there is one at most.
[[nodiscard]] std::optional<ReferredBy> referred_by(const Message& message);

}  // namespace sidetone::sip
