// Which transaction a message belongs to, as the text under which the transaction is found.
#pragma once

#include <string>
#include <string_view>

#include "sip/message/headers.h"
#include "sip/message/message.h"

namespace sidetone::sip::transaction {

inline constexpr std::string_view magic_cookie = "z9hG4bK";  // RFC 3261 §8.1.1.7

// RFC 3261 §17.1.3: branch and CSeq method. A CANCEL is the only one that shares a branch.
[[nodiscard]] std::string client_key(std::string_view branch, Method method);

// RFC 3261 §17.2.3: branch, sent-by and method, where ACK counts as INVITE; `method` may say INVITE for a
// CANCEL to find what it cancels (§9.2). Branches without the cookie (RFC 2543) match by Request-URI,
// From tag, Call-ID, CSeq number and the top Via.
[[nodiscard]] std::string server_key(const Message& request, const Via& via, std::string_view method);

}  // namespace sidetone::sip::transaction
