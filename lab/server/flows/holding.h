// Hold and retrieve, as several flows need them.
#pragma once

#include "labserver/steps.h"

namespace sidetone::lab {

// `dn` puts the other party of `call` on hold: music for the held one or silence, then silence for the
// holder, whose leg is left alone when it is to be borrowed. E.Held is told. 0: done; else the status of what
// failed, and nothing has changed.
Step<int> put_on_hold(FlowRun& f, Call& call, std::string dn, bool leave_holder = false);
// In a conference it is `dn` alone who leaves the mixer for a while, and nobody hears music.
// Both speak again; E.Retrieved is told.
Step<int> take_back(FlowRun& f, Call& call, std::string dn);

// A phone that has held this call by itself, as many do when they answer another one, is told to come back:
// NOTIFY talk, which for such a call means to retrieve it. Its own offer follows when the flow is over.
void resume_phone(FlowRun& f, sip::SessionId leg);
// The mixer's leg that `dn` speaks with in a conference, also while he holds it; none: no mixer is there.
[[nodiscard]] sip::SessionId seat_of(FlowRun& f, Call& call, const std::string& dn);
// The leg of `dn` that `from` has borrowed, if it has, goes back to `to`; its party in `from` has none then.
void return_leg(FlowRun& f, Call& from, Call& to);

}  // namespace sidetone::lab
