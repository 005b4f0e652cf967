#include "sdp/format_choice.h"

#include <algorithm>

namespace sidetone::sdp {
namespace {

const RtpFormat* find_encoding(const std::vector<RtpFormat>& formats, const RtpFormat& wanted) {
  const auto found = std::find_if(formats.begin(), formats.end(),
                                  [&](const RtpFormat& format) { return same_encoding(format, wanted); });
  return found == formats.end() ? nullptr : &*found;
}

std::optional<AgreedFormat> common_at(const std::vector<RtpFormat>& ours,
                                      const std::vector<RtpFormat>& theirs, std::uint32_t clock_hz) {
  for (const auto& our : ours)
    if (our.clock_hz == clock_hz)
      if (const auto* their = find_encoding(theirs, our)) return AgreedFormat{our, *their};
  return std::nullopt;
}

}  // namespace

std::optional<AgreedFormat> first_common(const std::vector<RtpFormat>& ours,
                                         const std::vector<RtpFormat>& theirs, bool by_their_order) {
  if (by_their_order) {
    for (const auto& their : theirs)
      if (const auto* our = find_encoding(ours, their)) return AgreedFormat{*our, their};
  } else {
    for (const auto& our : ours)
      if (const auto* their = find_encoding(theirs, our)) return AgreedFormat{our, *their};
  }
  return std::nullopt;
}

std::optional<AgreedFormat> choose_events(const std::vector<RtpFormat>& ours,
                                          const std::vector<RtpFormat>& theirs, std::uint32_t codec_clock) {
  for (const auto clock : {codec_clock, std::uint32_t{8000}})
    if (auto agreed = common_at(ours, theirs, clock)) return agreed;
  return std::nullopt;
}

std::optional<AgreedFormat> choose_noise(const std::vector<RtpFormat>& ours,
                                         const std::vector<RtpFormat>& theirs, std::uint32_t codec_clock) {
  return common_at(ours, theirs, codec_clock);
}

}  // namespace sidetone::sdp
