#include "sdp/negotiate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "base/text.h"
#include "sdp/format_choice.h"

namespace sidetone::sdp {
namespace {

// RFC 5761 §4: numbers that look like RTCP packet types on a shared port.
bool can_share_port(const AgreedFormat& format) {
  const auto ok = [](std::uint8_t number) { return number < 64 || number > 95; };
  return ok(format.ours.payload_type) && ok(format.theirs.payload_type);
}

void append_audio(MediaDescription& media, const LocalAudio& local, bool rtcp_mux, bool extended_reports) {
  media.port = local.rtp_port;
  if (rtcp_mux)
    media.attributes.push_back({"rtcp-mux", {}});
  else if (local.rtcp_port != local.rtp_port + 1)
    media.attributes.push_back({"rtcp", std::to_string(local.rtcp_port)});        // RFC 3605
  if (extended_reports) media.attributes.push_back({"rtcp-xr", "voip-metrics"});  // RFC 3611 §5.1
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

// What secures an offered line. RFC 8643 §3: a plain line with keys may be secured, and need not be.
struct Security {
  bool possible = false;
  std::optional<CryptoAttribute> theirs;
};

Security choose_security(const MediaDescription& media, const LocalAudio& local) {
  auto theirs = take_crypto(media, local.suites);
  if (theirs) return {true, std::move(theirs)};
  return {!is_secured_profile(media) && local.takes_plain, std::nullopt};
}

Expected<std::optional<AudioMatch>> match_offered_line(const SessionDescription& offer, std::size_t line,
                                                       const LocalAudio& local) {
  const auto& media = offer.media[line];
  if (media.port == 0 || !is_audio_over_rtp(media)) return std::nullopt;
  auto security = choose_security(media, local);
  if (!security.possible) return std::nullopt;
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
  match.noise = choose_noise(local.noise, theirs, match.codec.ours.clock_hz);
  if (match.noise) match.noise->ours.payload_type = match.noise->theirs.payload_type;
  const auto event_number = match.events ? std::optional(match.events->theirs.payload_type) : std::nullopt;
  if (auto red = choose_redundancy(theirs, match.codec.theirs.payload_type, event_number,
                                   match.codec.theirs.clock_hz)) {
    auto ours = *red;
    const auto codec_number = match.codec.theirs.payload_type;
    if (!ours.fmtp.empty())
      ours.fmtp = redundancy_fmtp(covers(*red, codec_number) ? codec_number : *event_number);
    match.redundancy = AgreedFormat{std::move(ours), std::move(*red)};
  }
  match.rtcp_mux = remote->rtcp_mux && can_share_port(match.codec) &&
                   (!match.events || can_share_port(*match.events)) &&
                   (!match.redundancy || can_share_port(*match.redundancy));
  match.local = intersect(local.direction, reversed(remote->direction));
  match.remote = *remote;
  if (security.theirs) {
    auto keys =
        local.answer_keys ? local.answer_keys(*security.theirs, match.remote) : std::vector<SrtpMasterKey>{};
    auto ours = answer_to(*security.theirs, std::move(keys));
    match.crypto = AgreedCrypto{std::move(ours), std::move(*security.theirs)};
  }
  return match;
}

// The line in use first: a second audio line must not steal the call. Then the secured ones: who offers both
// prefers them, whatever their order.
Expected<std::optional<AudioMatch>> choose_line(const SessionDescription& offer, const LocalAudio& local,
                                                std::optional<std::size_t> preferred) {
  if (preferred && *preferred < offer.media.size()) {
    auto match = match_offered_line(offer, *preferred, local);
    if (!match || *match) return match;
  }
  for (const bool secured : {true, false})
    for (std::size_t line = 0; line < offer.media.size(); ++line) {
      if (is_secured_profile(offer.media[line]) != secured) continue;
      auto match = match_offered_line(offer, line, local);
      if (!match || *match) return match;
    }
  return std::nullopt;
}

// Why nothing in the offer is possible here, as a person should read it.
tl::unexpected<Error> nothing_possible(const SessionDescription& offer, const LocalAudio& local) {
  bool secured = false, plain = false;
  for (const auto& media : offer.media) {
    if (media.port == 0 || !is_audio_over_rtp(media)) continue;
    (is_secured_profile(media) ? secured : plain) = true;
  }
  if (secured && local.suites.empty())
    return fail(Layer::sdp, Fault::unsupported,
                "the offer's audio is secured (SRTP), and that is switched off",
                "set use_srtp to optional or more");
  if (plain && !local.takes_plain)
    return fail(Layer::sdp, Fault::unsupported, "the offer's audio is not secured (SRTP), and it must be",
                "let the caller offer RTP/SAVP, or set use_srtp to enabled or less");
  return fail(Layer::sdp, Fault::unsupported, "the offer has no audio that is possible here",
              "enable a codec that the other side has; RTP/AVP and RTP/SAVP with a=crypto are accepted");
}

MediaDescription answered_line(const MediaDescription& offered, const AudioMatch& match,
                               const LocalAudio& local) {
  MediaDescription media;
  media.kind = offered.kind;
  media.protocol = offered.protocol;
  if (match.crypto) media.attributes.push_back({"crypto", write_crypto(match.crypto->ours)});
  append(media, match.codec.ours);
  if (match.noise) append(media, match.noise->ours);
  if (match.events) append(media, match.events->ours);
  if (match.redundancy) append(media, match.redundancy->ours);
  // RFC 3611 §5.2: who can speak of such reports gets asked for them.
  append_audio(media, local, match.rtcp_mux, match.remote.knows_extended_reports);
  media.direction = match.local;
  return media;
}

// A line in use keeps its profile (RFC 3264 §8.3 would let it change): RTP/AVP with keys is one, too.
void offer_audio(MediaDescription& media, const LocalAudio& local, bool secured) {
  const bool keep_protocol = is_audio_over_rtp(media) && (secured || !is_secured_profile(media));
  media.formats.clear();
  media.kind = "audio";
  if (!keep_protocol) media.protocol = secured ? "RTP/SAVP" : "RTP/AVP";
  if (secured)
    for (const auto& crypto : local.crypto) media.attributes.push_back({"crypto", write_crypto(crypto)});
  for (const auto& codec : local.codecs) append(media, codec);
  for (const auto& noise : local.noise) append(media, noise);
  for (const auto& events : local.events) append(media, events);
  if (local.redundancy) append(media, *local.redundancy);
  append_audio(media, local, local.rtcp_mux, local.extended_reports);
  media.direction = local.direction;
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
  return iequals(media.kind, "audio") && (iequals(media.protocol, "RTP/AVP") ||
                                          iequals(media.protocol, "RTP/AVPF") || is_secured_profile(media));
}

bool offers_anything(const SessionDescription& offer) {
  return std::any_of(offer.media.begin(), offer.media.end(),
                     [](const MediaDescription& media) { return media.port != 0; });
}

SessionDescription make_offer(const LocalAudio& local, std::span<const MediaDescription> slots,
                              std::span<const OfferedLine> lines) {
  auto offer = described_at(local.ip);
  offer.media.reserve(slots.size() + lines.size());
  for (const auto& slot : slots) offer.media.push_back(refused(slot));
  for (const auto& line : lines) {
    ST_ASSERT(line.index <= offer.media.size());
    if (line.index == offer.media.size()) offer.media.emplace_back();
    offer_audio(offer.media[line.index], local, line.secured);
  }
  return offer;
}

SessionDescription make_offer(const LocalAudio& local, std::span<const MediaDescription> slots,
                              std::size_t line) {
  return make_offer(local, slots, std::array{OfferedLine{line, false}});
}

Expected<Answer> make_answer(const SessionDescription& offer, const LocalAudio& local,
                             std::optional<std::size_t> preferred) {
  auto match = choose_line(offer, local, preferred);
  if (!match) return tl::make_unexpected(std::move(match.error()));
  // RFC 3264 §6.1: with nothing in common the whole offer is refused. One that has no stream, or removes
  // the last one (§8.2), is none to refuse: third-party call control does both.
  if (!*match && offers_anything(offer)) return nothing_possible(offer, local);
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

}  // namespace sidetone::sdp
