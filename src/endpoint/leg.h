// What call control can ask of a call's signalling, whatever protocol carries it. SIP is one (sip_leg.h); the
// WebRTC gateway's channel will be another. Answers come back through Call's on_...() members.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/expected.h"
#include "base/time.h"

namespace sidetone::endpoint {

// How the signalling names a call, for reports about it.
struct LegDialog {
  std::string call_id, local_tag, remote_tag, local_uri, remote_uri;
  std::string remote_target;  // where the far end itself is reached
};

// Whom the far end shall call instead of us.
struct LegTransfer {
  std::string target;
  std::optional<LegDialog> replaces;  // our own dialog with that target, which the new call replaces
};

class Leg {
 public:
  virtual ~Leg() = default;

  [[nodiscard]] virtual LegDialog dialog() const = 0;  // once it is established

  // As callee.
  virtual Expected<void> ring(Time now) = 0;
  virtual Expected<void> answer(std::string sdp, Time now) = 0;
  virtual Expected<void> reject(int status, Time now) = 0;
  virtual Expected<void> redirect(std::string target, Time now) = 0;

  // As caller, or in the call: descriptions both ways.
  virtual Expected<void> acknowledge(std::string sdp, Time now) = 0;  // our answer to an offer in a 2xx
  virtual Expected<void> offer(std::string sdp, Time now) = 0;
  virtual Expected<void> answer_offer(std::string sdp, Time now) = 0;
  virtual Expected<void> refuse_offer(int status, Time now) = 0;

  // One DTMF digit as a signalling message (dtmf_method Info).
  virtual Expected<void> send_digit(char digit, Duration duration, Time now) = 0;

  // What becomes of it is told under the number that this gives.
  virtual Expected<std::uint64_t> transfer(const LegTransfer& to, Time now) = 0;

  // Whatever the state asks for: CANCEL, BYE, a final answer. `cause`: a SIP status that tells the peer why
  // (RFC 3326); 0: none.
  virtual Expected<void> end(int cause, Time now) = 0;
};

}  // namespace sidetone::endpoint
