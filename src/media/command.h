// What is said to the media thread. Everything in a command is ready for use: files are read and devices
// run before it is sent.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/packet_port.h"
#include "codec/media_plan.h"
#include "device/voice_settings.h"
#include "media/device/audio_device.h"
#include "media/frame_tap.h"
#include "media/recording.h"
#include "media/sound.h"
#include "media/sound_source.h"
#include "media/tone_player.h"

namespace sidetone::media {

struct OpenCall {
  std::unique_ptr<PacketPort> port;
  StreamSettings settings;
};
struct MoveCall {
  std::unique_ptr<PacketPort> port;
};
// `order` rises with every request: what took long to prepare must not replace a later choice.
struct UsePlan {
  std::uint64_t order = 0;
  codec::MediaPlan plan;
};
struct UseSource {
  std::uint64_t order = 0;
  bool microphone = false;
  std::unique_ptr<SoundSource> source;  // null: microphone or silence
};
struct UseSink {
  std::uint64_t order = 0;
  bool speaker = false;
  std::unique_ptr<Recording> file;
};
struct UseAnnouncement {
  std::uint64_t order = 0;
  std::unique_ptr<SoundSource> source;  // null: no more
};
struct UseRecording {
  std::uint64_t order = 0;
  std::unique_ptr<Recording> file;  // null: no more
};
struct UseTap {
  std::shared_ptr<FrameTap> tap;
};
struct UseMusic {
  std::shared_ptr<const Sound> music;  // of every call that is held
};
struct Confer {
  std::uint32_t room = 0;  // 0: none
};
struct Mute {
  bool muted = false;
};
struct SendDigits {
  std::string digits;
  std::chrono::milliseconds tone{0}, gap{0};
  DigitWay way = DigitWay::events;
  bool feedback = false;  // its user hears them, too
};
struct SoundDigit {  // one that the signalling has sent
  char digit = 0;
  std::chrono::milliseconds tone{0};
};
struct CloseCall {};
struct UseTone {
  std::size_t slot = 0;
  std::uint64_t sequence = 0, order = 0;
  std::optional<TonePlayer> player;  // none: silence
  bool device_opens = false;         // a device is on its way: the tone begins with it
};
struct UseDevice {
  std::uint64_t order = 0;
  std::unique_ptr<AudioDevice> device;  // null: our own clock
};
struct ProcessVoice {
  device::VoiceSettings settings;
};
struct ReportError {
  Error error;
};
struct EndThread {};

struct Command {
  MediaId id;  // none: for the thread itself
  std::variant<OpenCall, MoveCall, UsePlan, UseSource, UseSink, UseAnnouncement, UseRecording, UseTap,
               UseMusic, Confer, Mute, SendDigits, SoundDigit, CloseCall, UseTone, UseDevice, ProcessVoice,
               ReportError, EndThread>
      what;
};

}  // namespace sidetone::media
