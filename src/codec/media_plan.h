// What call control tells the media side to do for one audio m-line: the result of offer and answer. The
// endpoint makes it, media carries it out, neither includes the other.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/srtp.h"
#include "codec/audio_format.h"

namespace sidetone::codec {

struct MediaPlan {
  bool send = false;        // may our microphone's packets leave?
  bool send_music = false;  // we hold, and the peer listens: music may leave
  bool receive = false;     // is what arrives played?
  Address remote_rtp;       // where to send until symmetric RTP learns better; unspecified: nowhere
  Address remote_rtcp;
  bool rtcp_mux = false;
  AudioFormat send_format;                   // payload type as the peer wants it
  std::vector<AudioFormat> receive_formats;  // payload types as we announced them
  std::optional<AudioFormat> send_noise;     // CN instead of silence, as the peer wants it (RFC 3389)
  std::optional<AudioFormat> send_events;    // telephone-event as the peer wants it
  std::optional<AudioFormat> receive_events;
  // RED around the formats (RFC 2198), as the peer wants it and as we announced it.
  std::optional<std::uint8_t> send_redundancy, receive_redundancy;
  bool extended_reports = false;           // the peer wants VoIP metrics in RTCP (RFC 3611 §5.2)
  std::chrono::milliseconds ptime{20};     // of what we send
  std::chrono::seconds inactivity_max{0};  // rtp_inactivity_timeout; 0: silence of the peer is no event
  std::optional<SrtpPlan> srtp;            // none: not secured
  friend bool operator==(const MediaPlan&, const MediaPlan&) = default;
};

}  // namespace sidetone::codec
