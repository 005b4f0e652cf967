// Which m-lines of a call our next offer uses for its audio.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/srtp.h"
#include "sdp/negotiate.h"

namespace sidetone::endpoint {

// `in_use`: the line in force. An offer of ours keeps to it. One that the peer asked for may be meant for
// somebody else, as third-party call control does it: it has what a first offer has, too (RFC 3261 §14.2).
[[nodiscard]] std::vector<sdp::OfferedLine> offered_lines(SrtpPolicy policy,
                                                          std::span<const sdp::MediaDescription> slots,
                                                          std::optional<sdp::OfferedLine> in_use,
                                                          bool solicited);

}  // namespace sidetone::endpoint
