// Names that all parts of the Stack's interface share.
#pragma once

#include <memory>
#include <string>

#include "base/strong_id.h"
#include "sip/message/message.h"

namespace sidetone::sip {

using AccountId = StrongId<struct AccountTag>;
using SessionId = StrongId<struct InviteSessionTag>;  // one INVITE and what grows from it
using BranchId = StrongId<struct BranchTag>;          // one early dialog of a session (RFC 3261 §12, forking)
using ServerRequestId = StrongId<struct ServerRequestTag>;
using ClientRequestId = StrongId<struct ClientRequestTag>;

struct ExtraHeader {
  std::string name, value;
};

using MessagePtr = std::shared_ptr<const Message>;

}  // namespace sidetone::sip
