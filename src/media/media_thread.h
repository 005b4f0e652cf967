// One thread for the audio of all calls, alive only while there is one: it pumps RTP sockets, ticks every
// 10 ms by the device's clock or its own, mixes, plays and records. Others talk to it by messages only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "base/expected.h"
#include "base/log.h"
#include "base/packet_port.h"
#include "base/strong_id.h"
#include "codec/media_plan.h"
#include "device/voice_settings.h"
#include "media/audio_stream.h"
#include "media/device/ringer_outputs.h"
#include "media/tick_figures.h"

namespace sidetone::media {

class FrameTap;

using MediaId = StrongId<struct MediaTag>;  // chosen by the caller, never reused

// Where a call's outgoing sound comes from and where its incoming sound goes.
struct FromMicrophone {};
struct FromFile {
  std::string path;
  bool loop = false;
};
struct FromEcho {
  std::chrono::milliseconds delay{0};
};  // what was heard goes back
struct FromTone {
  double hz_1 = 440, hz_2 = 0;
  std::chrono::milliseconds on{1000}, off{0};
};
struct FromSilence {};
using Source = std::variant<FromMicrophone, FromFile, FromEcho, FromTone, FromSilence>;
struct ToSpeaker {};
struct ToFile {
  std::string path;
};  // WAV, PCM 16 bit mono
struct ToNowhere {};
using Sink = std::variant<ToSpeaker, ToFile, ToNowhere>;

struct DeviceChoice {
  enum class Kind { null, cubeb } kind = Kind::null;  // null: no hardware, exact 10 ms clock
  std::string input, output;                          // cubeb ids; empty: the system's default
  bool input_used = true, output_used = true;
  std::chrono::milliseconds latency{25};  // asked of the sound server, each way
};

// A device that was asked for and does not work: `input` and `output` are the ids of the sides that failed.
// What is left of the choice is in use.
struct DeviceFailed {
  std::string input, output;
  Error error;
};
// The device in use has stopped. Our own clock drives the calls, in silence, until another one is set.
struct DeviceLost {
  Error error;
};

// A tone of play_tone() that sounds once is through on one of its devices; one of them does not work.
struct ToneEnded {
  std::uint64_t order = 0;
};
struct ToneFailed {
  std::uint64_t order = 0;
  std::string device;
  Error error;
};

// A file that was played to the far end has come to its end, or could not be played.
struct AnnouncementEnded {
  std::optional<Error> error;
};
// A call's recording ended by itself, or could not begin.
struct RecordingEnded {
  Error error;
};

struct MediaEvent {
  MediaId id;
  std::variant<StreamEvent, StreamStatistics /* last, after close */, Error, AnnouncementEnded,
               RecordingEnded, DeviceFailed, DeviceLost, ToneEnded, ToneFailed>
      what;
};

struct MediaThreadSettings {
  std::string cname;
  int rtp_dscp = 0;
  bool restart_if_stuck = false;  // restart_audio_if_stuck: a stuck device counts as lost
  device::VoiceSettings voice;    // of the microphone
  std::string hold_music_file;    // WAV; empty: whom we hold hears nothing
};

class MediaThread {
 public:
  // `notify` is called on the media thread after events were queued: it must only post (wake the strand).
  MediaThread(MediaThreadSettings settings, std::function<void()> notify, LogSink& log);
  ~MediaThread();  // closes all, joins

  // Takes over a bound port pair; the thread starts with the first and ends with the last.
  void open(MediaId id, std::unique_ptr<PacketPort> port, StreamSettings settings);
  // From now on by this port pair.
  void move(MediaId id, std::unique_ptr<PacketPort> port);
  void apply(MediaId id, codec::MediaPlan plan);
  void set_source(MediaId id, Source source);
  void set_sink(MediaId id, Sink sink);
  void set_muted(MediaId id, bool muted);
  // In the place of the source until its end, which AnnouncementEnded tells; an empty path ends it at once.
  void play_to_peer(MediaId id, std::string path, bool loop);
  // Both directions into a stereo WAV: ours left, theirs right. An empty path ends it.
  void record(MediaId id, std::string path);
  // Both directions to somebody else from now on; null: to nobody.
  void set_tap(MediaId id, std::shared_ptr<FrameTap> tap);
  // Calls in the same room hear each other besides us; 0: the call is in none.
  void confer(MediaId id, std::uint32_t room);
  // `feedback`: they sound on the speaker, too. Each one that has left is a StreamEvent dtmf_sent.
  void send_dtmf(MediaId id, std::string digits, std::chrono::milliseconds tone,
                 std::chrono::milliseconds gap, DigitWay way = DigitWay::events, bool feedback = false);
  void sound_digit(MediaId id, char digit, std::chrono::milliseconds tone);  // on the speaker only
  // Open from now on, with or without calls; kind null: none. The thread lives as long as a device is open.
  void set_device(DeviceChoice device);
  // What is done to the microphone from now on, also in running calls.
  void process_voice(device::VoiceSettings settings);
  void close(MediaId id);
  // A tone that belongs to no call, in place of what the slot (of LocalTones) plays; no place: silence. The
  // place without device is the speaker of the calls. Not by several threads.
  void play_tone(std::size_t slot, std::uint64_t order, std::vector<RingerOutputs::Place> places, bool once);
  void set_ringer_volume(int percent);

  std::optional<MediaEvent> poll_event();
  [[nodiscard]] StreamStatistics statistics(MediaId id) const;  // a copy, at most 1 s old
  [[nodiscard]] TickFigures tick_figures() const;               // of all its life, now

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sidetone::media
