// What call control asks of the media side, in order. The engine carries the orders out and tells facts back
// (EndpointCore::media_*); a simulation does the same without any sound.
#pragma once

#include <chrono>
#include <string>
#include <variant>

#include "base/address.h"
#include "codec/media_plan.h"
#include "device/voice_settings.h"
#include "sidetone/types.h"

namespace sidetone::endpoint {

// Ports for a new call; answered by media_ready() or media_failed().
struct OpenMedia {
  CallId call;
  IpAddress ip;
  CallDirection direction = CallDirection::incoming;
  std::string called_user;  // incoming: the user part that was called (the lab chooses the sound by it)
};
// Other ports for a call that has some, at another address of ours. Answered by media_ready(), or by
// media_not_moved(): the old ones then stay.
struct MoveMedia {
  CallId call;
  IpAddress ip;
};
struct ApplyPlan {
  CallId call;
  codec::MediaPlan plan;
};
struct SetMuted {
  CallId call;
  bool muted = false;
};
struct SendDigits {
  CallId call;
  std::string digits;
  std::chrono::milliseconds tone{100}, gap{60};
};
// Answered by media_closed() with the last figures.
struct CloseMedia {
  CallId call;
};
// The sound of no call. One at a time; `none` stops it.
enum class LocalTone : std::uint8_t { none, ringing, call_waiting, ringback };
struct PlayTone {
  LocalTone tone = LocalTone::none;
};

// From now on these devices (ids) are open, for all calls; empty: not this side. Answered only when one of
// them does not work, by device_failed().
struct UseDevices {
  std::string microphone, speaker;
  friend bool operator==(const UseDevices&, const UseDevices&) = default;
};

// What is done to the microphone from now on, whatever device it is.
struct ProcessVoice {
  device::VoiceSettings settings;
};

using MediaOrder = std::variant<OpenMedia, ApplyPlan, SetMuted, SendDigits, CloseMedia, PlayTone, MoveMedia,
                                UseDevices, ProcessVoice>;

}  // namespace sidetone::endpoint
