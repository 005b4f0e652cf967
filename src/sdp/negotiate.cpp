#include "sdp/negotiate.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "base/text.h"

namespace sidetone::sdp {
namespace {

const RtpFormat* find_encoding(const std::vector<RtpFormat>& formats, const RtpFormat& wanted) {
  const auto found = std::find_if(formats.begin(), formats.end(),
                                  [&](const RtpFormat& format) { return same_encoding(format, wanted); });
  return found == formats.end() ? nullptr : &*found;
}

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

// RFC 4733 §2.4: events share the codec's clock where they can; 8000 is what everybody has.
std::optional<AgreedFormat> choose_events(const std::vector<RtpFormat>& ours,
                                          const std::vector<RtpFormat>& theirs, std::uint32_t codec_clock) {
  for (const auto clock : {codec_clock, std::uint32_t{8000}})
    for (const auto& our : ours)
      if (our.clock_hz == clock)
        if (const auto* their = find_encoding(theirs, our)) return AgreedFormat{our, *their};
  return std::nullopt;
}

// RFC 5761 §4: numbers that look like RTCP packet types on a shared port.
bool can_share_port(const AgreedFormat& format) {
  const auto ok = [](std::uint8_t number) { return number < 64 || number > 95; };
  return ok(format.ours.payload_type) && ok(format.theirs.payload_type);
}

void append_audio(MediaDescription& media, const LocalAudio& local, bool rtcp_mux) {
  media.port = local.rtp_port;
  if (rtcp_mux)
    media.attributes.push_back({"rtcp-mux", {}});
  else if (local.rtcp_port != local.rtp_port + 1)
    media.attributes.push_back({"rtcp", std::to_string(local.rtcp_port)});  // RFC 3605
  if (local.ptime != std::chrono::milliseconds{20})
    media.attributes.push_back({"ptime", std::to_string(local.ptime.count())});
}

SessionDescription described_at(const IpAddress& ip) {
  SessionDescription description;
  description.origin.ipv6 = !ip.is_v4();
  description.origin.address = ip.to_string();
  description.connection = Connection{description.origin.ipv6, description.origin.address};
  return description;
}

// Can we reach what the line says? 0.0.0.0 is no place in either family, and no obstacle.
bool reachable(const RemoteAudio& remote, const IpAddress& from) {
  if (remote.multicast) return false;
  return remote.rtp.ip.is_unspecified() || remote.rtp.ip.family == from.family;
}

Expected<std::optional<AudioMatch>> match_offered_line(const SessionDescription& offer, std::size_t line,
                                                       const LocalAudio& local) {
  const auto& media = offer.media[line];
  if (media.port == 0 || !is_audio_over_rtp(media)) return std::nullopt;
  const auto theirs = rtp_formats(media);
  auto codec = first_common(local.codecs, theirs, local.by_offer_order);
  if (!codec) return std::nullopt;
  auto remote = remote_audio(offer, media);
  if (!remote) return tl::make_unexpected(std::move(remote.error()));
  if (!reachable(*remote, local.ip)) return std::nullopt;
  AudioMatch match;
  match.line = line;
  // RFC 3264 §6.1: the offer's number is also ours in the answer.
  codec->ours.payload_type = codec->theirs.payload_type;
  if (local.answer_fmtp) codec->ours.fmtp = local.answer_fmtp(codec->ours, codec->theirs);
  match.codec = std::move(*codec);
  match.events = choose_events(local.events, theirs, match.codec.ours.clock_hz);
  if (match.events) match.events->ours.payload_type = match.events->theirs.payload_type;
  match.rtcp_mux =
      remote->rtcp_mux && can_share_port(match.codec) && (!match.events || can_share_port(*match.events));
  match.local = intersect(local.direction, reversed(remote->direction));
  match.remote = std::move(*remote);
  return match;
}

// The line in use first: a second audio line must not steal the call.
Expected<std::optional<AudioMatch>> choose_line(const SessionDescription& offer, const LocalAudio& local,
                                                std::optional<std::size_t> preferred) {
  if (preferred && *preferred < offer.media.size()) {
    auto match = match_offered_line(offer, *preferred, local);
    if (!match || *match) return match;
  }
  for (std::size_t line = 0; line < offer.media.size(); ++line) {
    auto match = match_offered_line(offer, line, local);
    if (!match || *match) return match;
  }
  return std::nullopt;
}

MediaDescription answered_line(const MediaDescription& offered, const AudioMatch& match,
                               const LocalAudio& local) {
  MediaDescription media;
  media.kind = offered.kind;
  media.protocol = offered.protocol;
  append(media, match.codec.ours);
  if (match.events) append(media, match.events->ours);
  append_audio(media, local, match.rtcp_mux);
  media.direction = match.local;
  return media;
}

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

void split_events(std::vector<RtpFormat>& codecs, std::vector<RtpFormat>& events) {
  for (const auto& format : codecs)
    if (is_telephone_event(format)) events.push_back(format);
  std::erase_if(codecs, is_telephone_event);
}

}  // namespace

MediaDescription refused(const MediaDescription& media) {
  MediaDescription slot;
  slot.kind = media.kind;
  slot.protocol = media.protocol;
  slot.formats = media.formats;
  return slot;
}

bool is_audio_over_rtp(const MediaDescription& media) {
  return iequals(media.kind, "audio") &&
         (iequals(media.protocol, "RTP/AVP") || iequals(media.protocol, "RTP/AVPF"));
}

bool offers_anything(const SessionDescription& offer) {
  return std::any_of(offer.media.begin(), offer.media.end(),
                     [](const MediaDescription& media) { return media.port != 0; });
}

SessionDescription make_offer(const LocalAudio& local, std::span<const MediaDescription> slots,
                              std::size_t line) {
  ST_ASSERT(line <= slots.size());
  auto offer = described_at(local.ip);
  offer.media.reserve(std::max(slots.size(), line + 1));
  for (const auto& slot : slots) offer.media.push_back(refused(slot));
  if (line == slots.size()) offer.media.emplace_back();
  auto& media = offer.media[line];
  const bool keep_protocol = is_audio_over_rtp(media);
  media.formats.clear();
  media.kind = "audio";
  if (!keep_protocol) media.protocol = "RTP/AVP";
  for (const auto& codec : local.codecs) append(media, codec);
  for (const auto& events : local.events) append(media, events);
  append_audio(media, local, local.rtcp_mux);
  media.direction = local.direction;
  return offer;
}

Expected<Answer> make_answer(const SessionDescription& offer, const LocalAudio& local,
                             std::optional<std::size_t> preferred) {
  auto match = choose_line(offer, local, preferred);
  if (!match) return tl::make_unexpected(std::move(match.error()));
  // RFC 3264 §6.1: with nothing in common the whole offer is refused. One that has no stream, or removes
  // the last one (§8.2), is none to refuse: third-party call control does both.
  if (!*match && offers_anything(offer))
    return fail(Layer::sdp, Fault::unsupported, "the offer has no audio that is possible here",
                "enable a codec that the other side has; only RTP/AVP and RTP/AVPF are accepted");
  Answer answer;
  answer.description = described_at(local.ip);
  for (const auto& line : offer.other_lines)  // RFC 3264 §6: the time is that of the offer
    if (line.type == 't' || line.type == 'r' || line.type == 'z')
      answer.description.other_lines.push_back(line);
  answer.audio = std::move(*match);
  for (std::size_t i = 0; i < offer.media.size(); ++i) {
    const bool chosen = answer.audio && answer.audio->line == i;
    answer.description.media.push_back(chosen ? answered_line(offer.media[i], *answer.audio, local)
                                              : refused(offer.media[i]));
  }
  return answer;
}

Expected<std::optional<AudioMatch>> match_answer(const SessionDescription& offer,
                                                 const SessionDescription& answer, std::size_t line) {
  if (auto ok = check_lines(offer, answer); !ok) return tl::make_unexpected(std::move(ok.error()));
  if (line >= answer.media.size() || answer.media[line].port == 0) return std::nullopt;
  const auto& offered = offer.media[line];
  const auto& answered = answer.media[line];
  if (!is_audio_over_rtp(answered))
    return fail(
        Layer::sdp, Fault::unsupported,
        fmt::format("the answer wants '{:.40}', the offer has '{}'", answered.protocol, offered.protocol));
  auto ours = rtp_formats(offered);
  auto theirs = answered_formats(answered, ours);
  std::vector<RtpFormat> our_events, their_events;
  split_events(ours, our_events);
  split_events(theirs, their_events);
  AudioMatch match;
  match.line = line;
  auto codec = first_common(ours, theirs, true);  // RFC 3264 §7: the first that the answer lists
  if (!codec)
    return fail(Layer::sdp, Fault::unsupported, "the answer has none of the codecs that were offered");
  auto remote = remote_audio(answer, answered);
  if (!remote) return tl::make_unexpected(std::move(remote.error()));
  match.codec = std::move(*codec);
  match.events = choose_events(our_events, their_events, match.codec.ours.clock_hz);
  match.local = offer.direction_of(offered);
  match.remote = std::move(*remote);
  match.rtcp_mux = match.remote.rtcp_mux && offered.attribute("rtcp-mux") != nullptr;
  return match;
}

}  // namespace sidetone::sdp
