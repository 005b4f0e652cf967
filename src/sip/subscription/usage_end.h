// What a response to a request inside a subscription says about the subscription (RFC 6665 §4.1.2.2, §4.2.2;
// RFC 5057 §5.1). Some of these statuses condemn the whole dialog; a call in it goes on nevertheless, for it
// finds out by its own requests, and servers are known to answer a NOTIFY with 404 while the call lives.
#pragma once

namespace sidetone::sip {

[[nodiscard]] constexpr bool ends_subscription(int status) {
  switch (status) {
    case 404:
    case 405:
    case 410:
    case 416:
    case 480:
    case 481:
    case 482:
    case 483:
    case 484:
    case 485:
    case 489:
    case 501:
    case 604: return true;
    default: return false;
  }
}

}  // namespace sidetone::sip
