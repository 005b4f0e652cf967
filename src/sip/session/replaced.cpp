// A session whose place another one takes (RFC 3891 §3).
#include "sip/session/invite_session.h"

namespace sidetone::sip {

int InviteSession::refusal_to_replace(bool early_only) const {
  switch (state_) {
    case State::calling: return 0;     // early, and ours
    case State::incoming: return 481;  // early, and not initiated here
    case State::answered:
    case State::confirmed: return early_only ? 486 : 0;
    case State::cancelling:
    case State::ending:
    case State::ended: break;
  }
  return 603;
}

// The user sees the change in one step; the BYE or CANCEL goes on behind it.
void InviteSession::be_replaced(Time now) {
  const auto keep = shared_from_this();
  switch (state_) {
    case State::calling: return finish(EndCause::replaced, 0, {}, nullptr, now);  // with a CANCEL
    case State::answered:
      // RFC 3261 §15: no BYE before the ACK.
      end_after_ack_.emplace();
      end_cause_ = EndCause::replaced;
      return;
    case State::confirmed: return end_with_stray_bye(EndCause::replaced, 0, {}, nullptr, {}, now);
    case State::incoming:
    case State::cancelling:
    case State::ending:
    case State::ended: break;  // it has ended since the INVITE came
  }
}

}  // namespace sidetone::sip
