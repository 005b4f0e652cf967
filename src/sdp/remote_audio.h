// What one m-line of the peer says about where, when and how it wants its audio.
#pragma once

#include <chrono>
#include <optional>

#include "base/address.h"
#include "sdp/session_description.h"

namespace sidetone::sdp {

struct RemoteAudio {
  Address rtp;   // unspecified: nowhere, or a name that only the DNS knows
  Address rtcp;  // RFC 3605, else the next port; where RTCP goes unless both sides agree on one port
  bool rtcp_mux = false;
  bool knows_extended_reports = false;  // there is an a=rtcp-xr (RFC 3611 §5.1), its own or the session's
  bool wants_voip_metrics = false;      // ... that asks for this block
  bool nowhere = false;                 // c=0.0.0.0 or ::, the hold of RFC 2543
  bool multicast = false;
  bool no_bandwidth = false;                  // b=AS:0: no media may be sent (RFC 3264 §5.1)
  Direction direction = Direction::sendrecv;  // the peer's; never receiving when `nowhere`
  std::optional<std::chrono::milliseconds> ptime, maxptime;
};

// A fault only when there is no address at all.
[[nodiscard]] Expected<RemoteAudio> remote_audio(const SessionDescription& description,
                                                 const MediaDescription& media);

}  // namespace sidetone::sdp
