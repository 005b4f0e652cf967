/// @file snapshot.h
/// The whole state as a value, for a window that (re)opens or an agent desktop that polls.
///
/// @code
/// for (const sidetone::CallSnapshot& call : endpoint.snapshot().calls)
///   draw_row(call.remote_name, call.state, call.held_by_us, call.muted);
/// @endcode
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "sidetone/statistics.h"
#include "sidetone/types.h"

namespace sidetone {

struct LineSnapshot {
  LineId line;
  std::string user, server, transport;
  LineState state = LineState::disabled;
  int status = 0;    ///< last SIP status of the registration, 0: none
  std::string text;  ///< the last problem in words, empty when ready
  friend bool operator==(const LineSnapshot&, const LineSnapshot&) = default;
};

struct CallSnapshot {
  CallId call;
  LineId line;
  CallDirection direction = CallDirection::incoming;
  CallState state = CallState::ended;
  std::string remote_number;  ///< user part
  std::string remote_name;    ///< display name, may be empty
  std::string remote_uri;
  std::string called_number;  ///< incoming: the user part that was called; usually the line's own
  std::string call_uuid;      ///< X-Genesys-CallUUID, the latest that was said; may be empty
  bool held_by_us = false;    ///< fact: what is in force, not what is wished
  bool held_by_peer = false;
  bool hold_wanted = false;  ///< intent
  bool muted = false;
  bool in_conference = false;
  bool recording = false;
  bool playing = false;    ///< the far end hears a file (PlayFile)
  std::string codec;       ///< "opus/48000", empty without media
  std::string srtp_suite;  ///< what secures the media, "AEAD_AES_256_GCM"; empty: nothing does
  EndReason end_reason = EndReason::none;
  int status = 0;        ///< the SIP status that ended it: of a response, or of a Reason (RFC 3326); 0: none
  int q850_cause = 0;    ///< the cause that the telephone network gave (Reason: Q.850), 0: none
  std::string end_text;  ///< what was said with it, "Busy here"; may be empty
  std::optional<CallId> related_call;  ///< that it is made for, was referred by, or has taken the place of
  CallQuality quality;
  bool quality_alarm = false;  ///< MOS is below vq_alarm_threshold; see QualityAlarm
  friend bool operator==(const CallSnapshot&, const CallSnapshot&) = default;
};

/// A call that is over, by the wall clock. Endpoint::history() has the last hundred.
struct CallRecord {
  CallSnapshot call;  ///< as it ended: who, and why
  std::chrono::system_clock::time_point began, ended;
  std::optional<std::chrono::system_clock::time_point> answered;  ///< none: nobody talked
  /// From the answer to the end; 0 when the clock was set back meanwhile.
  [[nodiscard]] std::chrono::milliseconds talked() const {
    if (!answered || ended < *answered) return std::chrono::milliseconds(0);
    return std::chrono::duration_cast<std::chrono::milliseconds>(ended - *answered);
  }
  friend bool operator==(const CallRecord&, const CallRecord&) = default;
};

/// A microphone or speaker that is there.
struct DeviceSnapshot {
  std::string id;           ///< the sound system's; the same whenever the device is plugged in again
  std::string name;         ///< for people, and for the patterns of policy.device
  bool is_default = false;  ///< the sound system's own choice
  bool is_monitor = false;  ///< no microphone, but what a speaker plays
  friend bool operator==(const DeviceSnapshot&, const DeviceSnapshot&) = default;
};

/// The devices and what policy.device makes of them. Empty with AudioSettings::Kind::none.
struct DevicesSnapshot {
  std::vector<DeviceSnapshot> microphones, speakers;
  std::string microphone, speaker;  ///< ids: what calls use; empty: there is none
  std::string ringer;               ///< id: ringer_device, for ringing_enabled 4 and 5
  bool headset_wanted = false;      ///< use_headset=1
  bool headset_available = false;   ///< ... and a listed headset is there
  std::string text;                 ///< what stands in the way of automatic answer; empty: nothing
  bool gain_control = false, echo_control = false, noise_suppression = false;  ///< ProcessVoice
  int ringer_volume = 100;                                                     ///< percent, of ringtones only
  friend bool operator==(const DevicesSnapshot&, const DevicesSnapshot&) = default;
};

/// What sounds to the user now, by the options ringing_enabled, callwait_tone_enabled and ringback_enabled. A
/// window that shows or plays something of its own follows it; where no device plays the tone (
/// AudioSettings::Kind::none), it is all there is of it.
struct TonesSnapshot {
  Tone alert = Tone::none;  ///< of incoming calls: none, ringing or call_waiting
  CallId alert_call;        ///< whose, 0: of none
  bool ringback = false;    ///< the local ring-back tone; early media of the far end are none
  friend bool operator==(const TonesSnapshot&, const TonesSnapshot&) = default;
};

struct Snapshot {
  std::vector<LineSnapshot> lines;
  std::vector<CallSnapshot> calls;  ///< oldest first; ended ones are not in it
  DevicesSnapshot devices;
  TonesSnapshot tones;
  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

}  // namespace sidetone
