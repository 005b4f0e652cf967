// What an answer makes of our offer.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sdp/format_choice.h"
#include "sdp/negotiate.h"

namespace sidetone::sdp {
namespace {

Expected<void> check_lines(const SessionDescription& offer, const SessionDescription& answer) {
  if (offer.media.size() != answer.media.size())
    return fail(Layer::sdp, Fault::syntax,
                fmt::format("the answer has {} m= lines, the offer {} (RFC 3264 section 6)",
                            answer.media.size(), offer.media.size()));
  for (std::size_t i = 0; i < offer.media.size(); ++i) {
    if (!iequals(offer.media[i].kind, answer.media[i].kind))
      return fail(Layer::sdp, Fault::syntax,
                  fmt::format("m= line {} of the answer is '{:.40}', that of the offer '{:.40}'", i + 1,
                              answer.media[i].kind, offer.media[i].kind));
    if (offer.media[i].port == 0 && answer.media[i].port != 0)
      return fail(Layer::sdp, Fault::syntax,
                  fmt::format("m= line {} of the answer has a port, that of the offer has none", i + 1));
  }
  return {};
}

// A dynamic number of ours that comes back without rtpmap means what we said: sloppy, but clear.
std::vector<RtpFormat> answered_formats(const MediaDescription& answered,
                                        const std::vector<RtpFormat>& offered) {
  auto formats = rtp_formats(answered);
  if (formats.size() == answered.formats.size()) return formats;
  std::vector<RtpFormat> all;
  for (const auto& word : answered.formats) {
    const auto number = parse_number<std::uint8_t>(word);
    const auto same = [&](const RtpFormat& format) { return number && format.payload_type == *number; };
    if (const auto said = std::find_if(formats.begin(), formats.end(), same); said != formats.end())
      all.push_back(*said);
    else if (const auto ours = std::find_if(offered.begin(), offered.end(), same); ours != offered.end())
      all.push_back({ours->payload_type, ours->name, ours->clock_hz, ours->channels, {}});
  }
  return all;
}

std::vector<RtpFormat> taken_out(std::vector<RtpFormat>& codecs, bool (*which)(const RtpFormat&)) {
  std::vector<RtpFormat> taken;
  for (const auto& format : codecs)
    if (which(format)) taken.push_back(format);
  std::erase_if(codecs, which);
  return taken;
}

// One line that the answer accepts.
Expected<AudioMatch> match_line(const SessionDescription& offer, const SessionDescription& answer,
                                const OfferedLine& line) {
  const auto& offered = offer.media[line.index];
  const auto& answered = answer.media[line.index];
  if (!is_audio_over_rtp(answered) || is_secured_profile(answered) != is_secured_profile(offered))
    return fail(
        Layer::sdp, Fault::unsupported,
        fmt::format("the answer wants '{:.40}', the offer has '{}'", answered.protocol, offered.protocol));
  AudioMatch match;
  match.line = line.index;
  if (line.secured) {
    auto crypto = match_crypto(offered, answered);
    if (!crypto) return tl::make_unexpected(std::move(crypto.error()));
    match.crypto = std::move(*crypto);
  }
  auto ours = rtp_formats(offered);
  auto theirs = answered_formats(answered, ours);
  const auto our_events = taken_out(ours, is_telephone_event);
  const auto their_events = taken_out(theirs, is_telephone_event);
  const auto our_noise = taken_out(ours, is_comfort_noise);
  const auto their_noise = taken_out(theirs, is_comfort_noise);
  const auto our_redundancy = taken_out(ours, is_redundancy);
  const auto their_redundancy = taken_out(theirs, is_redundancy);
  auto codec = first_common(ours, theirs, true);  // RFC 3264 §7: the first that the answer lists
  if (!codec)
    return fail(Layer::sdp, Fault::unsupported, "the answer has none of the codecs that were offered");
  auto remote = remote_audio(answer, answered);
  if (!remote) return tl::make_unexpected(std::move(remote.error()));
  match.codec = std::move(*codec);
  match.events = choose_events(our_events, their_events, match.codec.ours.clock_hz);
  match.noise = choose_noise(our_noise, their_noise, match.codec.ours.clock_hz);
  if (!our_redundancy.empty()) {
    const auto event_number = match.events ? std::optional(match.events->theirs.payload_type) : std::nullopt;
    if (auto red = choose_redundancy(their_redundancy, match.codec.theirs.payload_type, event_number,
                                     match.codec.theirs.clock_hz))
      match.redundancy = AgreedFormat{our_redundancy.front(), std::move(*red)};
  }
  match.local = offer.direction_of(offered);
  match.remote = *remote;
  match.rtcp_mux = match.remote.rtcp_mux && offered.attribute("rtcp-mux") != nullptr;
  return match;
}

}  // namespace

Expected<std::optional<AudioMatch>> match_answer(const SessionDescription& offer,
                                                 const SessionDescription& answer,
                                                 std::span<const OfferedLine> lines) {
  if (auto ok = check_lines(offer, answer); !ok) return tl::make_unexpected(std::move(ok.error()));
  std::optional<AudioMatch> taken;
  std::optional<Error> fault;
  for (const auto& line : lines) {
    if (line.index >= answer.media.size() || answer.media[line.index].port == 0) continue;
    if (taken) {
      taken->others_accepted = true;
      continue;
    }
    auto match = match_line(offer, answer, line);
    if (match)
      taken = std::move(*match);
    else if (!fault)
      fault = std::move(match.error());
  }
  if (!taken && fault) return tl::make_unexpected(std::move(*fault));
  return taken;
}

Expected<std::optional<AudioMatch>> match_answer(const SessionDescription& offer,
                                                 const SessionDescription& answer, std::size_t line) {
  return match_answer(offer, answer, std::array{OfferedLine{line, false}});
}

}  // namespace sidetone::sdp
