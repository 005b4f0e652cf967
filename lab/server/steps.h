// What flows are made of: steps that several of them take.
#pragma once

#include "labserver/flow_run.h"

namespace sidetone::lab {

// Until the phones' own exchange in this call is over; the flow then holds its legs. False: a party left.
Step<bool> settled(FlowRun& f, Call& call);
// The flow has failed because some phone said `status`, or a party is gone.
void phone_refused(FlowRun& f, int status);

// Re-INVITE with `sdp`; without one the leg makes the offer, which ack() has to answer. Goes on trying while
// the leg has another offer under way, also after glare. With `late_ack`, ack() acknowledges the answer, too.
Step<Reply> offered(FlowRun& f, sip::SessionId leg, std::string sdp, bool late_ack = false);

// RFC 3725's exchange: `offer`, which `offerer` has made and which waits for its ACK, goes to `other` in a
// re-INVITE, and the answer back in the ACK. Both are then joined; the ACK to `other` is the flow's, after
// its events, as in the ladders. If `other` refuses, the offerer gets silence for an answer.
Step<Reply> connected(FlowRun& f, sip::SessionId offerer, std::string offer, sip::SessionId other);

// `listener` hears what the media server plays at `dn`: the media server's leg, or none if it would not.
Step<sip::SessionId> played(FlowRun& f, Call& call, sip::SessionId listener, std::string dn);

}  // namespace sidetone::lab
