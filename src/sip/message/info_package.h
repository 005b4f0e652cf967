// Info Packages (RFC 6086): what an INFO means, and what a party is willing to receive.
#pragma once

#include <string_view>
#include <vector>

#include "sip/message/headers.h"
#include "sip/message/message.h"

namespace sidetone::sip {

// The package of an INFO without its parameters; empty: a legacy one (RFC 2976, RFC 6086 §4.1).
[[nodiscard]] inline std::string_view info_package_of(const Message& info) {
  const auto package = TokenParams::parse(info.value(HeaderId::info_package));
  return package ? package->token : std::string_view{};
}
// Whether the sender of `message` said that it takes INFOs of `package` (§5.2.3).
[[nodiscard]] inline bool receives_info(const Message& message, std::string_view package) {
  return message.lists(HeaderId::recv_info, package);
}

}  // namespace sidetone::sip
