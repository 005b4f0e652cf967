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

// RED of `theirs` (RFC 2198 §5) that can go around the codec or the events. Its format parameters, a list of
// payload types of that side, say which; without any it is for all.
[[nodiscard]] std::optional<RtpFormat> choose_redundancy(const std::vector<RtpFormat>& theirs,
                                                         std::uint8_t codec_number,
                                                         std::optional<std::uint8_t> event_number,
                                                         std::uint32_t codec_clock);
[[nodiscard]] bool covers(const RtpFormat& redundancy, std::uint8_t number);
// The parameters of ours: the primary and one earlier block of it.
[[nodiscard]] std::string redundancy_fmtp(std::uint8_t number);

}  // namespace sidetone::sdp
