// Which of the formats of both sides is used.
#pragma once

#include <optional>
#include <vector>

#include "sdp/negotiate.h"

namespace sidetone::sdp {

[[nodiscard]] std::optional<AgreedFormat> first_common(const std::vector<RtpFormat>& ours,
                                                       const std::vector<RtpFormat>& theirs,
                                                       bool by_their_order);
// RFC 4733 §2.4: events share the codec's clock where they can; 8000 is what everybody has.
[[nodiscard]] std::optional<AgreedFormat> choose_events(const std::vector<RtpFormat>& ours,
                                                        const std::vector<RtpFormat>& theirs,
                                                        std::uint32_t codec_clock);

// RFC 3389 §4: at the clock of the codec for which it stands in.
[[nodiscard]] std::optional<AgreedFormat> choose_noise(const std::vector<RtpFormat>& ours,
                                                       const std::vector<RtpFormat>& theirs,
                                                       std::uint32_t codec_clock);

}  // namespace sidetone::sdp
