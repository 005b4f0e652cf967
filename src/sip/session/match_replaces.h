// Which session of ours a Replaces (RFC 3891 §3) or Join (RFC 3911 §4) of a new INVITE means.
#pragma once

#include "sip/stack_core.h"

namespace sidetone::sip {

struct ReplacedSession {
  SessionId session;  // none: the INVITE has no Replaces, or it is refused
  int refusal = 0;    // the response that it gets, when not 0
};
[[nodiscard]] ReplacedSession find_replaced(const StackCore& core, const Message& invite,
                                            const AccountPtr& account, const Flow& flow);
[[nodiscard]] SessionId find_joined(const StackCore& core, const Message& invite, const AccountPtr& account);

}  // namespace sidetone::sip
