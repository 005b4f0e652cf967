// The Reason headers of a message (RFC 3326): why a call ends, possibly once per protocol.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sip/message/headers.h"
#include "sip/message/message.h"

namespace sidetone::sip {

// Bound: one value per protocol (§2), and the registry knows fewer protocols than that.
inline constexpr std::size_t reasons_max = 8;

// Those that can be read, in order. Views into the message.
[[nodiscard]] std::vector<Reason> reasons_of(const Message& message);
// The one of `protocol` ("SIP", "Q.850").
[[nodiscard]] std::optional<Reason> reason_of(const Message& message, std::string_view protocol);
// "SIP;cause=503;text=\"no media\"", with the text quoted.
[[nodiscard]] std::string write_reason(std::string_view protocol, int cause, std::string_view text);

}  // namespace sidetone::sip
