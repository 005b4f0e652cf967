#include "endpoint/media_session_plan.h"

#include <algorithm>

#include "codec/fmtp.h"
#include "endpoint/media_keys.h"
#include "sdp/format_choice.h"

namespace sidetone::endpoint {
namespace {

using codec::AudioCodec;
using codec::AudioFormat;

AudioFormat known(const sdp::RtpFormat& format) { return audio_format(format).value_or(AudioFormat{}); }

std::vector<AudioFormat> receive_formats(const Exchange& exchange) {
  const auto& agreed = exchange.audio->codec;
  auto first = known(agreed.ours);
  first.fmtp = codec::answer_fmtp(first.codec, agreed.ours.fmtp, agreed.theirs.fmtp);
  std::vector<AudioFormat> formats{std::move(first)};
  for (const auto& announced : exchange.announced) {
    if (announced.payload_type == agreed.ours.payload_type || sdp::is_telephone_event(announced)) continue;
    if (auto format = audio_format(announced)) formats.push_back(std::move(*format));
  }
  const auto is_static_noise = [](const AudioFormat& f) { return f.payload_type == 13; };
  if (exchange.comfort_noise && std::none_of(formats.begin(), formats.end(), is_static_noise))
    formats.push_back({AudioCodec::comfort_noise, 13, {}});
  return formats;
}

}  // namespace

sdp::RtpFormat rtp_format(const AudioFormat& format) {
  const auto& entry = codec::catalogue(format.codec);
  return {format.payload_type, std::string(entry.name),
          static_cast<std::uint32_t>(codec::rtp_clock_hz(format)),
          static_cast<std::uint8_t>(entry.rtpmap_channels), format.fmtp};
}

std::optional<AudioFormat> audio_format(const sdp::RtpFormat& format) {
  // No clock of ours comes near the bound; it keeps the conversion honest.
  if (format.clock_hz > 192000) return std::nullopt;
  const auto clock_hz = static_cast<int>(format.clock_hz);
  const auto* entry = codec::find_rtpmap(format.name, clock_hz);
  if (!entry || entry->rtpmap_channels != format.channels) return std::nullopt;
  AudioFormat found{entry->codec, format.payload_type, format.fmtp};
  if (clock_hz != entry->rtp_clock_hz) found.rtp_clock_hz = clock_hz;
  return found;
}

std::vector<sdp::RtpFormat> speech_formats(const std::vector<AudioFormat>& enabled, bool leave_out_silence) {
  std::vector<sdp::RtpFormat> formats;
  for (const auto& format : enabled) {
    if (!codec::is_speech(format.codec)) continue;
    formats.push_back(rtp_format(format));
    auto& fmtp = formats.back().fmtp;
    if (leave_out_silence && format.codec == AudioCodec::opus && !codec::fmtp_parameter(fmtp, "usedtx"))
      fmtp += fmtp.empty() ? "usedtx=1" : ";usedtx=1";
  }
  return formats;
}

std::vector<sdp::RtpFormat> noise_formats(const std::vector<AudioFormat>& enabled) {
  // 13 is CN/8000 (RFC 3551 §6); the others have no number of their own. Numbers that are taken give way.
  constexpr std::uint8_t number_16000 = 105, number_32000 = 106;
  std::vector<sdp::RtpFormat> formats;
  for (const auto& format : enabled) {
    if (!codec::uses_comfort_noise(format.codec)) continue;
    const auto clock_hz = codec::rtp_clock_hz(format);
    AudioFormat noise{AudioCodec::comfort_noise, 13, {}};
    noise.rtp_clock_hz = clock_hz;
    if (clock_hz != 8000) noise.payload_type = clock_hz == 16000 ? number_16000 : number_32000;
    const auto same = [&](const sdp::RtpFormat& f) { return f.clock_hz == static_cast<unsigned>(clock_hz); };
    if (std::none_of(formats.begin(), formats.end(), same)) formats.push_back(rtp_format(noise));
  }
  return formats;
}

std::vector<sdp::RtpFormat> event_formats(const std::vector<AudioFormat>& enabled) {
  const auto& entry = codec::catalogue(AudioCodec::telephone_event);
  AudioFormat base{entry.codec, static_cast<std::uint8_t>(entry.default_payload_type),
                   std::string(entry.default_fmtp)};
  for (const auto& format : enabled)
    if (format.codec == AudioCodec::telephone_event) base = format;
  std::vector<sdp::RtpFormat> events{rtp_format(base)};
  for (const auto& format : enabled) {
    auto event = rtp_format(base);
    event.clock_hz = static_cast<std::uint32_t>(codec::rtp_clock_hz(format));
    const auto same = [&](const sdp::RtpFormat& e) { return e.clock_hz == event.clock_hz; };
    if (codec::is_speech(format.codec) && std::none_of(events.begin(), events.end(), same))
      events.push_back(std::move(event));
  }
  return events;
}

std::string answer_fmtp(const sdp::RtpFormat& ours, const sdp::RtpFormat& theirs) {
  const auto format = audio_format(ours);
  return format ? codec::answer_fmtp(format->codec, ours.fmtp, theirs.fmtp) : ours.fmtp;
}

std::optional<codec::MediaPlan> negotiated_plan(const Exchange& exchange, std::chrono::milliseconds ptime) {
  if (!exchange.audio) return std::nullopt;
  const auto& audio = *exchange.audio;
  const auto direction = intersect(audio.local, reversed(audio.remote.direction));
  codec::MediaPlan plan;
  plan.rtcp_mux = audio.rtcp_mux;
  plan.extended_reports = audio.remote.wants_voip_metrics;
  if (audio.crypto) plan.srtp = srtp_plan(*audio.crypto);
  if (!exchange.nowhere && !audio.remote.rtp.ip.is_unspecified()) {
    plan.remote_rtp = audio.remote.rtp;
    plan.remote_rtcp = audio.rtcp_mux ? audio.remote.rtp : audio.remote.rtcp;
  }
  const bool may_leave =
      sends(direction) && !audio.remote.no_bandwidth && !plan.remote_rtp.ip.is_unspecified();
  plan.send = may_leave && !exchange.hold;
  plan.send_music = may_leave && exchange.hold;
  plan.receive = receives(direction);
  plan.send_format = known(audio.codec.theirs);
  plan.send_format.fmtp =
      codec::send_fmtp(plan.send_format.codec, audio.codec.ours.fmtp, audio.codec.theirs.fmtp);
  plan.receive_formats = receive_formats(exchange);
  if (audio.noise && codec::uses_comfort_noise(plan.send_format.codec))
    plan.send_noise = audio_format(audio.noise->theirs);
  if (audio.events) {
    plan.send_events = audio_format(audio.events->theirs);
    plan.receive_events = audio_format(audio.events->ours);
  }
  if (audio.redundancy) {
    if (sdp::covers(audio.redundancy->theirs, audio.codec.theirs.payload_type))
      plan.send_redundancy = audio.redundancy->theirs.payload_type;
    plan.receive_redundancy = audio.redundancy->ours.payload_type;
  }
  plan.ptime =
      codec::packet_time(plan.send_format, audio.remote.ptime.value_or(ptime), audio.remote.maxptime);
  return plan;
}

}  // namespace sidetone::endpoint
