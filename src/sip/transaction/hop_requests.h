// The two requests that the INVITE client transaction makes by itself, from the bytes of its INVITE: the
// parsed message is not kept, because most calls need neither.
#pragma once

#include "sip/message/message.h"
#include "sip/transport/flow.h"

namespace sidetone::sip::transaction {

// Null when the bytes cannot be read back, which only a caller's broken INVITE can cause.
[[nodiscard]] Bytes make_ack(const std::string& invite, const Message& response);  // RFC 3261 §17.1.1.3
// RFC 3261 §9.1; `reason` as its Reason header when not empty (RFC 3326).
[[nodiscard]] Bytes make_cancel(const std::string& invite, std::string_view reason);

}  // namespace sidetone::sip::transaction
