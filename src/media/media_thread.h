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
#include "media/audio_stream.h"

namespace sidetone::media {

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
};

struct MediaEvent {
  MediaId id;
  std::variant<StreamEvent, StreamStatistics /* last, after close */, Error> what;
};

struct MediaThreadSettings {
  DeviceChoice device;
  std::string cname;
  int rtp_dscp = 0;
  std::shared_ptr<const G729Module> g729;  // of every call; none: no G.729
  int vad_level = 1;
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
  void send_dtmf(MediaId id, std::string digits, std::chrono::milliseconds tone,
                 std::chrono::milliseconds gap);
  void set_device(DeviceChoice device);
  void close(MediaId id);
  // Local sound that belongs to no call: ring-back, ringing, dtmf feedback. Empty: silence.
  void play_local(Source source);

  std::optional<MediaEvent> poll_event();
  [[nodiscard]] StreamStatistics statistics(MediaId id) const;  // a copy, at most 1 s old

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sidetone::media
