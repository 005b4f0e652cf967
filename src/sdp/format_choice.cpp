#include "sdp/format_choice.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

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

bool lists(std::string_view numbers, std::uint8_t wanted) {
  while (!numbers.empty())
    if (parse_number<std::uint8_t>(trim(take_until(numbers, '/'))) == wanted) return true;
  return false;
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

std::optional<RtpFormat> choose_redundancy(const std::vector<RtpFormat>& theirs, std::uint8_t codec_number,
                                           std::optional<std::uint8_t> event_number,
                                           std::uint32_t codec_clock) {
  for (const auto& format : theirs) {
    if (!is_redundancy(format) || format.clock_hz != codec_clock) continue;
    if (covers(format, codec_number) || (event_number && covers(format, *event_number))) return format;
  }
  return std::nullopt;
}

bool covers(const RtpFormat& redundancy, std::uint8_t number) {
  return redundancy.fmtp.empty() || lists(redundancy.fmtp, number);
}

std::string redundancy_fmtp(std::uint8_t number) { return fmt::format("{}/{}", number, number); }

}  // namespace sidetone::sdp
