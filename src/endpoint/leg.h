// What call control can ask of a call's signalling, whatever protocol carries it. SIP is one (sip_leg.h); the
// WebRTC gateway's channel will be another. Answers come back through Call's on_...() members.
#pragma once

#include <string>

#include "base/expected.h"
#include "base/time.h"

namespace sidetone::endpoint {

class Leg {
 public:
  virtual ~Leg() = default;

  // As callee.
  virtual Expected<void> ring(Time now) = 0;
  virtual Expected<void> answer(std::string sdp, Time now) = 0;
  virtual Expected<void> reject(int status, Time now) = 0;

  // As caller, or in the call: descriptions both ways.
  virtual Expected<void> acknowledge(std::string sdp, Time now) = 0;  // our answer to an offer in a 2xx
  virtual Expected<void> offer(std::string sdp, Time now) = 0;
  virtual Expected<void> answer_offer(std::string sdp, Time now) = 0;
  virtual Expected<void> refuse_offer(int status, Time now) = 0;

  // One DTMF digit as a signalling message (dtmf_method Info).
  virtual Expected<void> send_digit(char digit, Duration duration, Time now) = 0;

  virtual Expected<void> end(Time now) = 0;  // whatever the state asks for: CANCEL, BYE, a final answer
};

}  // namespace sidetone::endpoint
