// What the SIP stack under an EndpointCore must be told, so that it accepts and announces what the core does.
#pragma once

#include "sip/stack.h"

namespace sidetone::endpoint {

[[nodiscard]] inline sip::StackSettings core_stack_settings() {
  sip::StackSettings settings;
  settings.user_methods = {sip::Method::info};  // no transfer, no message, no event package is taken yet
  settings.unsolicited_packages.clear();
  return settings;
}

}  // namespace sidetone::endpoint
