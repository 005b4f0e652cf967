// Which header fields of a message on one leg belong on the other one, too.
#pragma once

#include <vector>

#include "sip/stack.h"

namespace sidetone::lab {

// Of an INVITE: who calls and why. Fields of the dialog, the hop and the capabilities are each leg's own.
[[nodiscard]] std::vector<sip::ExtraHeader> relayed_from_invite(const sip::Message& invite);
// Of a request inside the dialog (INFO, NOTIFY, MESSAGE, REFER ...).
[[nodiscard]] std::vector<sip::ExtraHeader> relayed_from_request(const sip::Message& request);
[[nodiscard]] std::vector<sip::ExtraHeader> relayed_from_response(const sip::Message& response);
// Reason fields of a BYE, CANCEL or final response (RFC 3326 §2). `message` may be null.
[[nodiscard]] std::vector<sip::ExtraHeader> reasons_of(const sip::MessagePtr& message);

// Quoted-pair escapes of a display name taken off: views keep them, writers put them on again.
[[nodiscard]] std::string plain_display(std::string_view display);

}  // namespace sidetone::lab
