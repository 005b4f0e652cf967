// Who takes part in a call, as T-Library sees it. A party may do without a leg of its own: while its phone's
// only dialog is borrowed for a consult call.
#pragma once

#include <cstdint>
#include <string>

#include "labserver/leg.h"

namespace sidetone::lab {

enum class PartyState : std::uint8_t { dialing, alerting, ringing, established, held };

struct Party {
  std::string dn;
  PartyState state = PartyState::dialing;
  sip::SessionId leg;              // none: not ringing yet, or borrowed
  bool internal = false;           // a DN of ours: its desktop is told
  std::uint64_t reference_id = 0;  // of the request that its next events come from; 0: the call's
  FlowId answering;                // an AnswerCall is under way
  sip::SessionId seat;             // holds a conference: the mixer's leg that it comes back to
  std::string last_other;          // whom its desktop was last told to be with
  bool off_hook = false;           // counted among what keeps its DN off hook
  [[nodiscard]] bool answered() const {
    return state == PartyState::established || state == PartyState::held;
  }
};

}  // namespace sidetone::lab
