// The formats of an RTP m-line: payload type, rtpmap and fmtp brought together.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sdp/session_description.h"

namespace sidetone::sdp {

struct RtpFormat {
  std::uint8_t payload_type = 0;
  std::string name;  // "PCMU"; compared without regard to case
  std::uint32_t clock_hz = 8000;
  std::uint8_t channels = 1;
  std::string fmtp;  // empty: none
  friend bool operator==(const RtpFormat&, const RtpFormat&) = default;
};

// In the order of the m-line. Static numbers need no rtpmap (RFC 3551 §6); dynamic ones without it, words
// that are no payload type, and repetitions are left out.
[[nodiscard]] std::vector<RtpFormat> rtp_formats(const MediaDescription& media);

// Name, clock rate and channels: the meaning, whatever the number.
[[nodiscard]] bool same_encoding(const RtpFormat& a, const RtpFormat& b);

[[nodiscard]] bool is_telephone_event(const RtpFormat& format);
[[nodiscard]] bool is_comfort_noise(const RtpFormat& format);
[[nodiscard]] bool is_redundancy(const RtpFormat& format);  // RFC 2198

// Number in the m-line, rtpmap (also for static numbers: RFC 3264 §5.1 SHOULD) and fmtp.
void append(MediaDescription& media, const RtpFormat& format);

}  // namespace sidetone::sdp
