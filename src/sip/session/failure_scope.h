// What a failure response to a request inside a dialog takes down with it (RFC 5057 §5.1, tables 1 and 2).
#pragma once

namespace sidetone::sip {

enum class FailureScope { transaction, usage, dialog };

[[nodiscard]] constexpr FailureScope failure_scope(int status) {
  switch (status) {
    case 404:
    case 410:
    case 416:
    case 482:
    case 483:
    case 484:
    case 485:
    case 502:
    case 604: return FailureScope::dialog;
    case 405:
    case 480:
    case 481:
    case 489:
    case 501: return FailureScope::usage;
    default: return FailureScope::transaction;
  }
}

// Whether an INVITE or UPDATE that got `status` ends its call. A timeout does as well (§5.2; RFC 3261
// §12.2.1.2 names 408 and 481); 489 belongs to subscriptions.
[[nodiscard]] constexpr bool ends_invite_usage(int status) {
  return status == 408 || (status != 489 && failure_scope(status) != FailureScope::transaction);
}

}  // namespace sidetone::sip
