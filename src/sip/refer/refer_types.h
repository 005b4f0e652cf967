// REFER as the Stack's user sees it (RFC 3515, RFC 7647).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sip/refer/refer_to.h"
#include "sip/stack_types.h"
#include "sip/subscription/subscription_types.h"

namespace sidetone::sip {

struct Refer {
  SessionId session;          // in the dialog of this call, or
  AccountId account;          // ... as this account
  std::string target;         // ... to this URI, in a dialog of its own
  std::string refer_to;       // URI with its method and headers; see ReferTo::to_uri()
  std::string referred_by;    // URI (RFC 3892); empty: not said
  bool notifications = true;  // false: asks for none (RFC 4488); the peer may send some even so
  SessionId target_dialog;    // outside of a dialog: the call that gives us the right to ask (RFC 4538)
  std::vector<ExtraHeader> headers;
  std::string from_uri, from_display;
  std::optional<NextHop> next_hop;
};

// What becomes of our REFER. `finished` is the last event of an id.
struct ReferProgress {
  SubscriptionId id;
  SessionId session;  // none when the call has ended
  int status = 0;     // of the REFER itself (202), then of what it caused; 0: nothing was learned
  std::string reason;
  bool finished = false;
  bool refused = false;  // the status is that of the REFER itself: nothing was tried
};

// Answer with accept_refer() and notify_refer(), or refuse with respond().
struct IncomingRefer {
  ServerRequestId id;
  AccountId account;
  SessionId session;  // the call in whose dialog it came, or which its Target-Dialog names
  ReferTo refer_to;
  std::string referred_by;  // the header as it came
  bool wants_notifications = true;
  bool in_dialog = false;
  MessagePtr request;
  Flow flow;
};

}  // namespace sidetone::sip
