// The flows, one file each. Named for what SIP Server's documentation calls them.
#pragma once

#include "labserver/flow_run.h"

namespace sidetone::lab {

// MakeCall
Flow make_call_reinvite(FlowRun& f);   // make-call-rfc3725-flow=2: the caller is connected before it rings
Flow make_call_rfc3725_1(FlowRun& f);  // =1: the caller's 200 waits for the callee's
Flow make_call_refer(FlowRun& f);      // refer-enabled: its phone is asked to call

Flow answer(FlowRun& f);     // NOTIFY talk
Flow send_dtmf(FlowRun& f);  // NOTIFY dtmf
Flow release(FlowRun& f);    // also ClearCall
Flow hold(FlowRun& f);
Flow retrieve(FlowRun& f);

Flow single_step_transfer_reinvite(FlowRun& f);
Flow single_step_transfer_refer(FlowRun& f);
Flow single_step_transfer_seat(FlowRun& f);  // of one party of a conference

// InitiateTransfer and InitiateConference; with dual-dialog-enabled=false in the phone's only dialog.
Flow consult(FlowRun& f);
// For these, call() is the main call and other_call() the consult call.
Flow reconnect(FlowRun& f);
Flow complete_transfer(FlowRun& f);
Flow complete_transfer_refer(FlowRun& f);  // transfer-complete-by-refer
Flow conference(FlowRun& f);
// A phone's INVITE with Replaces takes the place of a leg of call().
Flow take_over(FlowRun& f);
// call() is the active call, other_call() the held one.
Flow alternate(FlowRun& f);

}  // namespace sidetone::lab
