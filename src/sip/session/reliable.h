// RFC 3262 as the client sees it: which provisional responses are reliable, and which is next in order.
#pragma once

#include <cstdint>
#include <optional>

#include "sip/message/message.h"

namespace sidetone::sip {

[[nodiscard]] bool is_reliable(const Message& response);
// True once for each reliable response in order, whose number is then kept in `last` (§4: a response whose
// RSeq is not one higher than the last one must not be acknowledged).
[[nodiscard]] bool is_next_reliable(std::optional<std::uint32_t>& last, const Message& response);

}  // namespace sidetone::sip
