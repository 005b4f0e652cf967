#include "labserver/call.h"

#include <algorithm>

namespace sidetone::lab {

Leg* Call::leg(sip::SessionId session) {
  if (caller.session == session) return &caller;
  for (auto& callee : callees)
    if (callee.session == session) return &callee;
  return nullptr;
}

Leg* Call::opposite(sip::SessionId session) {
  if (!answered_by) return nullptr;
  if (session == caller.session) return answered_leg();
  return session == answered_by ? &caller : nullptr;
}

bool Call::established() const {
  if (!caller.confirmed || caller.ended) return false;
  return std::any_of(callees.begin(), callees.end(), [&](const Leg& callee) {
    return callee.session == answered_by && callee.confirmed && !callee.ended;
  });
}

bool Call::over() const {
  return caller.ended &&
         std::all_of(callees.begin(), callees.end(), [](const Leg& callee) { return callee.ended; });
}

bool Call::rings() const {
  return std::any_of(callees.begin(), callees.end(),
                     [](const Leg& callee) { return !callee.ended && !callee.ending; });
}

}  // namespace sidetone::lab
