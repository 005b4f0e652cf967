// One dialog of the server with a phone or with the media server.
#pragma once

#include <optional>
#include <string>

#include "base/strong_id.h"
#include "labserver/told_description.h"
#include "sip/stack.h"

namespace sidetone::lab {

using CallKey = StrongId<struct LabCallTag>;
using FlowId = StrongId<struct LabFlowTag>;  // one run of a third-party request; see flow_run.h

// What a flow that asked something of a leg has got back.
struct Reply {
  int status = 0;  // 2xx: agreed; 0 while nothing came
  std::string sdp;
  bool needs_ack = false;
  [[nodiscard]] bool agreed() const { return status >= 200 && status < 300; }
};

struct Leg {
  sip::SessionId session;
  CallKey call;
  std::string dn;
  CallKey lender;          // the call that it is borrowed from: it goes back there
  bool media = false;      // the media server's
  bool confirmed = false;  // 2xx and ACK passed
  bool ending = false;     // we asked the stack to end or reject it; SessionEnded is on its way
  bool ended = false;
  sip::ClientRequestId check;  // an OPTIONS is out
  int checks_missed = 0;       // in a row

  // Whose offers and requests are relayed here, and who gets this one's. None: nobody is at the other end,
  // and the server answers by itself.
  sip::SessionId peer;
  ToldDescription told;  // what it was told of its peer
  std::string heard;     // what it said of itself, last

  FlowId flow;  // a flow has it: its answers are the flow's, its own offers get 491
  bool rings = false;
  std::optional<Reply> reply;
  std::string offered;             // by the flow: said again after glare
  bool acks_late = false;          // ... and how
  int offers_confirmed = 0;        // its own, meanwhile
  bool refresh_due = false;        // the session timer asked while a flow ran
  bool talk_when_ringing = false;  // a phone that is to originate a call: NOTIFY talk with its 180
};

}  // namespace sidetone::lab
