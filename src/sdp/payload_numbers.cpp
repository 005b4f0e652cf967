#include "sdp/payload_numbers.h"

#include <algorithm>

namespace sidetone::sdp {
namespace {
// RFC 3551 §3 gives 96 to 127 to dynamic use and, when they run out, the unassigned ones below 64
// (RFC 5761 §4 keeps 64 to 95 for RTCP); 35 is the first above all assigned ones.
constexpr std::uint8_t dynamic_first = 96, dynamic_last = 127, spare_first = 35, spare_last = 63;
}  // namespace

void PayloadNumbers::learn(const RtpFormat& format) {
  std::erase_if(known_, [&](const RtpFormat& f) { return f.payload_type == format.payload_type; });
  known_.push_back({format.payload_type, format.name, format.clock_hz, format.channels, {}});
}

bool PayloadNumbers::is_free(std::uint8_t number) const {
  return std::none_of(known_.begin(), known_.end(),
                      [&](const RtpFormat& f) { return f.payload_type == number; });
}

std::uint8_t PayloadNumbers::number_for(const RtpFormat& wanted) {
  const auto before = std::find_if(known_.rbegin(), known_.rend(),
                                   [&](const RtpFormat& f) { return same_encoding(f, wanted); });
  if (before != known_.rend()) return before->payload_type;
  auto chosen = wanted;
  for (std::uint8_t n = dynamic_first; !is_free(chosen.payload_type) && n <= dynamic_last; ++n)
    chosen.payload_type = n;
  for (std::uint8_t n = spare_first; !is_free(chosen.payload_type) && n <= spare_last; ++n)
    chosen.payload_type = n;
  learn(chosen);
  return chosen.payload_type;
}

}  // namespace sidetone::sdp
