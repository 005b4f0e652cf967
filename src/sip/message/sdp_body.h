// Finds the session description in a message: the body itself or a part of a multipart one.
#pragma once

#include <string_view>

#include "sip/message/message.h"

namespace sidetone::sip {
// Empty when there is none; an error when the body is of a kind that we must refuse with 415.
[[nodiscard]] Expected<std::string_view> find_sdp(const Message& message);
// Whether its Accept lets a response carry a session description; without that header it does (RFC 3261
// §20.1).
[[nodiscard]] bool may_be_answered_with_sdp(const Message& request);
}  // namespace sidetone::sip
