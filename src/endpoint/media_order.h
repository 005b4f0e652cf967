// What call control asks of the media side, in order. The engine carries the orders out and tells facts back
// (EndpointCore::media_*); a simulation does the same without any sound.
#pragma once

#include <chrono>
#include <string>
#include <variant>
#include <vector>

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
// In the conference a call hears the others that are in it.
struct Confer {
  CallId call;
  bool in = false;
};
// Both ways; an empty path ends it. Answered only when it ends by itself, by recording_ended().
struct Record {
  CallId call;
  std::string path;
};
// To the far end, in the place of the microphone; an empty path ends it. Answered by file_played().
struct PlayFile {
  CallId call;
  std::string path;
  bool loop = false;
};
struct SendDigits {
  CallId call;
  std::string digits;
  std::chrono::milliseconds tone{100}, gap{60};
  bool as_tones = false;  // in the audio, else as telephone-events
  bool feedback = true;   // the user hears them, too
};
// The user hears a digit that the signalling has sent.
struct SoundDigit {
  CallId call;
  char digit = 0;
  std::chrono::milliseconds tone{100};
};
// The user hears a beep, the far end does not.
struct Beep {
  CallId call;
  std::chrono::milliseconds length{300};
};
// Answered by media_closed() with the last figures.
struct CloseMedia {
  CallId call;
};
// Sounds that no far end makes. Each comes from a file where one is configured, else it is generated.
enum class ToneFile : std::uint8_t { ringing, system_ringing, call_waiting, ringback };
// `device`: an id; empty: mixed into what calls play on their speaker.
struct TonePlace {
  std::string device;
  ToneFile file = ToneFile::ringing;
  friend bool operator==(const TonePlace&, const TonePlace&) = default;
};
// What is heard of incoming calls, and of outgoing ones before their answer.
enum class ToneSlot : std::uint8_t { alert, ringback };
// In place of what the slot plays; no place: silence. A tone that sounds `once` is answered by tone_ended()
// for each place that is through; a device that does not work by tone_failed(). Both bring the order's id.
struct PlayTone {
  ToneSlot slot = ToneSlot::alert;
  std::uint64_t id = 0;
  bool once = false;
  std::vector<TonePlace> places;
};
// Of ringtones, in percent of the sound as it is; other tones and calls keep theirs.
struct UseRingerVolume {
  int percent = 100;
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
  // Of the microphone that cancels echoes by itself: echo control was wanted, and is off for that reason.
  // Empty: not so.
  std::string echo_left_to;
  friend bool operator==(const ProcessVoice&, const ProcessVoice&) = default;
};

using MediaOrder =
    std::variant<OpenMedia, ApplyPlan, SetMuted, SendDigits, SoundDigit, Beep, CloseMedia, PlayTone,
                 UseRingerVolume, MoveMedia, UseDevices, ProcessVoice, Confer, Record, PlayFile>;

}  // namespace sidetone::endpoint
