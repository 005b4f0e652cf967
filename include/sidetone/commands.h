/// @file commands.h
/// What a user can ask of an endpoint. Each command is a value; Endpoint::post() takes them from any thread.
/// What became of one is told by events; one that makes no sense (a stale id, a wrong state) brings a
/// `command_failed` event and changes nothing.
///
/// @code
/// endpoint.post(sidetone::Dial{.target = "7002"});                 // by the first ready line
/// endpoint.post(sidetone::Hold{call});                             // CallChanged tells when it is in force
/// endpoint.post(sidetone::SendDtmf{.call = call, .digits = "12#"});
/// @endcode
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "sidetone/types.h"

namespace sidetone {

/// Start a call. `target`: digits ("7002"), "user@host" or a SIP URI. The first ready line is taken when none
/// is named. A consult call names the call that it is for: `related_call`, on whose line it goes unless
/// `line` says otherwise. Other calls are held.
struct Dial {
  std::string target;
  std::optional<LineId> line;
  std::optional<CallId> related_call;
};
/// Answer a ringing incoming call. Another call that is active is held first.
struct Answer {
  CallId call;
};
/// Refuse a ringing incoming call; `status` 400 to 699 (default 486 Busy Here, option sip_code_when_busy).
struct Reject {
  CallId call;
  int status = 486;
};
/// End a call in any state.
struct HangUp {
  CallId call;
};
/// End all calls: those that ring are refused.
struct HangUpAll {};
/// Send the caller of a ringing call elsewhere (SIP 302, RFC 3261 §21.3.3). `target` as in Dial. Whether it
/// goes there is the caller's business, or its server's.
struct Redirect {
  CallId call;
  std::string target;
};
/// Blind transfer (RFC 5589 §6): the far end is held and asked to call `target`, and our call ends when that
/// one has been answered. TransferChanged tells how it goes; if it fails, the call is resumed as it was.
///
/// @code
/// endpoint.post(sidetone::Transfer{call, "7003"});
/// @endcode
struct Transfer {
  CallId call;
  std::string target;
};
/// Attended transfer (RFC 5589 §7): the far ends of both calls shall talk to each other, without us. Both are
/// answered; the usual `call` is held, and `consult` was made by Dial with related_call. The far end of
/// `call` is asked to take our place in `consult` (RFC 3891). If that fails, both calls stay.
struct CompleteTransfer {
  CallId call, consult;
};
/// Hold the active call and resume the one that is held: with exactly two answered calls, of which one is
/// held. A conference counts as one.
struct Swap {};
/// Intent: the far end shall neither hear us nor be heard. Lasts until Resume, through 491 and failures.
struct Hold {
  CallId call;
};
struct Resume {
  CallId call;
};
/// Our microphone for this call. Packets go on, they hold silence.
struct Mute {
  CallId call;
  bool on = true;
};
/// Take a call into the conference, or out of it. The calls in it hear each other and us, mixed here; a held
/// one is resumed. Holding one of them leaves the others together; what makes another call the active one
/// (Dial, Answer, Resume of a call outside) holds all of them, and Resume of one brings all back. Muted, a
/// call of the conference hears the others without us.
struct Confer {
  CallId call;
  bool on = true;
};
/// Record a call into a WAV file (48 kHz, stereo: what is said here left, what is heard right), from now
/// until the call ends; an empty path ends it at once. CallSnapshot::recording shows it. A WAV file
/// holds some three hours of that: name.wav is followed by name-2.wav and so on (numbers of files that are
/// there are passed over). When the disk takes no more, CommandFailed ("record") tells the end.
struct Record {
  CallId call;
  std::string path;
};
/// Let the far end hear a WAV file in the place of the microphone (mono or stereo, PCM 16 bit, A-law, mu-law;
/// 8, 16, 32 or 48 kHz). FilePlayed tells the end; an empty path ends it at once. While the call is held it
/// waits.
struct PlayFile {
  CallId call;
  std::string path;
  bool loop = false;
};
/// 1 to 40 of "0123456789*#ABCD,": a comma is a pause of two seconds. They wait for those before them, 40 in
/// all; DtmfSent tells how they went.
struct SendDtmf {
  CallId call;
  std::string digits;
};
/// Try registration again now (the network is back, the user pressed retry).
struct RegisterNow {
  LineId line;
};
/// Use these devices (ids of DevicesSnapshot) from now on, also in running calls, while they are there;
/// empty: what policy.device says. It makes no headset of a device: use_headset=1 still wants a listed one.
struct ChooseDevices {
  std::string microphone, speaker;
};
/// What is done to the microphone's sound from now on, for all calls: automatic gain control (agc_mode),
/// acoustic echo cancellation (echo_control), noise_suppression. What is left out stays as it is.
struct ProcessVoice {
  std::optional<bool> gain_control, echo_control, noise_suppression;
};
/// How loud ringtones are: 0 (silent) to 100 percent of the file or generated tone. Acts at once.
struct SetRingerVolume {
  int percent = 100;
};
/// Sound the ringtone once on the devices of ringing_enabled, so that the user hears what a call would do.
/// Not while a call is alive.
struct TestRinger {};
/// End all calls, unregister all lines. `stopped` is the last event.
struct Stop {};

using Command = std::variant<Dial, Answer, Reject, HangUp, HangUpAll, Redirect, Transfer, CompleteTransfer,
                             Swap, Hold, Resume, Mute, Confer, Record, PlayFile, SendDtmf, RegisterNow,
                             ChooseDevices, ProcessVoice, SetRingerVolume, TestRinger, Stop>;

}  // namespace sidetone
