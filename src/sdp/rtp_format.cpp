#include "sdp/rtp_format.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "base/text.h"

namespace sidetone::sdp {
namespace {

constexpr std::size_t payload_types = 128;  // seven bits, RFC 3550 §5.1

// Where the attributes of each number are: one pass, whatever the number of formats.
struct Attributes {
  std::array<std::string_view, payload_types> rtpmap{}, fmtp{};

  explicit Attributes(const MediaDescription& media) {
    for (const auto& attribute : media.attributes) {
      if (attribute.name == "rtpmap")
        put(rtpmap, attribute.value);
      else if (attribute.name == "fmtp")
        put(fmtp, attribute.value);
    }
  }

 private:
  static void put(std::array<std::string_view, payload_types>& into, std::string_view value) {
    value = trim(value);
    const auto number = parse_number<std::uint8_t>(take_until(value, ' '));
    if (number && *number < payload_types && into[*number].empty()) into[*number] = trim(value);
  }
};

// RFC 3551 §6, table 4: the audio numbers that somebody may still send without rtpmap.
std::string_view static_rtpmap(std::uint8_t payload_type) {
  switch (payload_type) {
    case 0: return "PCMU/8000";
    case 3: return "GSM/8000";
    case 4: return "G723/8000";
    case 8: return "PCMA/8000";
    case 9: return "G722/8000";
    case 13: return "CN/8000";
    case 15: return "G728/8000";
    case 18: return "G729/8000";
    default: return {};
  }
}

// "name/clock[/channels]", RFC 8866 §6.6.
std::optional<RtpFormat> from_rtpmap(std::uint8_t payload_type, std::string_view map) {
  const auto name = trim(take_until(map, '/'));
  const auto clock = parse_number<std::uint32_t>(trim(take_until(map, '/')));
  const auto channels = map.empty() ? std::uint8_t{1} : parse_number<std::uint8_t>(trim(map));
  if (name.empty() || !clock || *clock == 0 || !channels) return std::nullopt;
  RtpFormat format{payload_type, std::string(name), *clock, *channels, {}};
  // RFC 3551 §4.5.2: G722's clock is 8000; some peers write the rate that it hears.
  if (payload_type == 9 && iequals(name, "G722")) format.clock_hz = 8000;
  // RFC 7587 §7: "opus/48000/2" always; some peers forget the channels, which say nothing there.
  if (iequals(name, "opus")) format.channels = 2;
  return format;
}

}  // namespace

std::vector<RtpFormat> rtp_formats(const MediaDescription& media) {
  const Attributes attributes(media);
  std::array<bool, payload_types> seen{};
  std::vector<RtpFormat> formats;
  formats.reserve(media.formats.size());
  for (const auto& word : media.formats) {
    const auto number = parse_number<std::uint8_t>(word);
    if (!number || *number >= payload_types || seen[*number]) continue;
    seen[*number] = true;
    const auto map = attributes.rtpmap[*number];
    auto format = from_rtpmap(*number, map.empty() ? static_rtpmap(*number) : map);
    if (!format) continue;
    format->fmtp = attributes.fmtp[*number];
    formats.push_back(std::move(*format));
  }
  return formats;
}

bool same_encoding(const RtpFormat& a, const RtpFormat& b) {
  return a.clock_hz == b.clock_hz && a.channels == b.channels && iequals(a.name, b.name);
}

bool is_telephone_event(const RtpFormat& format) { return iequals(format.name, "telephone-event"); }

bool is_comfort_noise(const RtpFormat& format) { return iequals(format.name, "CN"); }

bool is_redundancy(const RtpFormat& format) { return iequals(format.name, "red"); }

void append(MediaDescription& media, const RtpFormat& format) {
  const auto number = fmt::format_int(format.payload_type).str();
  media.formats.push_back(number);
  media.attributes.push_back(
      {"rtpmap", format.channels > 1
                     ? fmt::format("{} {}/{}/{}", number, format.name, format.clock_hz, format.channels)
                     : fmt::format("{} {}/{}", number, format.name, format.clock_hz)});
  if (!format.fmtp.empty()) media.attributes.push_back({"fmtp", fmt::format("{} {}", number, format.fmtp)});
}

}  // namespace sidetone::sdp
