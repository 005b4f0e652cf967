// How a call has ended, in the words of who ended it.
#pragma once

#include <string>

#include "sidetone/types.h"
#include "sip/stack.h"

namespace sidetone::endpoint {

struct CallEnd {
  EndReason reason = EndReason::none;
  int status = 0;      // of SIP; 0: none
  int q850_cause = 0;  // 0: none
  std::string text;
};

// Of BYE, CANCEL and responses alike: each may carry Reason headers (RFC 3326 §2), one per protocol.
[[nodiscard]] CallEnd end_of(const sip::SessionEnded& event);

}  // namespace sidetone::endpoint
