// What the SIP stack under an EndpointCore must be told, so that it accepts and announces what the core does.
#pragma once

#include "endpoint/server_order.h"
#include "sip/stack.h"

namespace sidetone::endpoint {

[[nodiscard]] inline sip::StackSettings core_stack_settings() {
  sip::StackSettings settings;
  settings.user_methods = {sip::Method::info, sip::Method::notify, sip::Method::refer};
  settings.unsolicited_packages.assign(server_packages.begin(), server_packages.end());
  return settings;
}

}  // namespace sidetone::endpoint
