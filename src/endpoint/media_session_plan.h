// From one completed offer/answer to what media shall do; and from the configured codecs to what an offer
// or answer may say.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "codec/media_plan.h"
#include "sdp/negotiate.h"

namespace sidetone::endpoint {

// One completed exchange. Without audio: the stream was refused or removed, or there was none.
struct Exchange {
  std::optional<sdp::AudioMatch> audio;
  std::vector<sdp::RtpFormat> announced;  // what we said that we can receive, the agreed codec among them
  bool hold = false;                      // whether our description asked the peer to be silent
  bool comfort_noise = false;             // the peer listed 13 (RFC 3389): its silence may come so
  bool nowhere = false;                   // an address to which nothing may be sent
};

[[nodiscard]] sdp::RtpFormat rtp_format(const codec::AudioFormat& format);
[[nodiscard]] std::optional<codec::AudioFormat> audio_format(const sdp::RtpFormat& format);

// `leave_out_silence` (dtx_mode): Opus says that it may be done to us, too, and CN is there for those codecs
// that need it, at each of their clock rates (RFC 3389 §4).
[[nodiscard]] std::vector<sdp::RtpFormat> noise_formats(const std::vector<codec::AudioFormat>& enabled);

// The speech codecs of `enabled`, and telephone-event for each of their clock rates (RFC 4733 §2.4), 8000
// always and first, because everybody has that.
[[nodiscard]] std::vector<sdp::RtpFormat> speech_formats(const std::vector<codec::AudioFormat>& enabled,
                                                         bool leave_out_silence);
[[nodiscard]] std::vector<sdp::RtpFormat> event_formats(const std::vector<codec::AudioFormat>& enabled);

[[nodiscard]] std::string answer_fmtp(const sdp::RtpFormat& ours, const sdp::RtpFormat& theirs);

// The plan as negotiated; nothing without audio. Consent and intent are the caller's.
[[nodiscard]] std::optional<codec::MediaPlan> negotiated_plan(const Exchange& exchange,
                                                              std::chrono::milliseconds ptime);

}  // namespace sidetone::endpoint
