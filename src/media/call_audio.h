// One call on the media thread: its stream, ports, sources and sinks.
#pragma once

#include <array>
#include <memory>
#include <utility>

#include "base/packet_port.h"
#include "media/audio_stream.h"
#include "media/dtmf_tone.h"
#include "media/flood_watch.h"
#include "media/frame_tap.h"
#include "media/mixer.h"
#include "media/recording.h"
#include "media/rooms.h"
#include "media/sound_source.h"

namespace sidetone::media {

class CallAudio {
 public:
  CallAudio(MediaId id, std::unique_ptr<PacketPort> port, StreamSettings settings,
            const TickFigures& ticks = {});

  [[nodiscard]] MediaId id() const { return id_; }
  [[nodiscard]] AudioStream& stream() { return stream_; }
  [[nodiscard]] const PacketPort& port() const { return *port_; }
  void use_plan(std::uint64_t order, const codec::MediaPlan& plan, Time now);
  void use_source(std::uint64_t order, bool microphone, std::unique_ptr<SoundSource> source);
  // In the place of the source until it ends; null: no more.
  void use_announcement(std::uint64_t order, std::unique_ptr<SoundSource> announcement);
  // What was in use before comes back: it ends by waiting for its disk.
  std::unique_ptr<Recording> use_sink(std::uint64_t order, bool speaker, std::unique_ptr<Recording> file);
  // Of both directions; null: no more.
  std::unique_ptr<Recording> use_recording(std::uint64_t order, std::unique_ptr<Recording> recording);
  void use_tap(std::shared_ptr<FrameTap> tap) { tap_ = std::move(tap); }
  void use_music(std::unique_ptr<SoundSource> music) { music_ = std::move(music); }
  [[nodiscard]] bool wants_music() const { return stream_.is_on_music() && !music_; }
  // Whose other calls this one hears, and who hear it; null: nobody.
  void enter(std::shared_ptr<Room> room) { room_ = std::move(room); }
  // Our own voice: packets go on and decode to zero. Digits, those of a conference and announcements are no
  // voice.
  void set_muted(bool muted) { muted_ = muted; }

  // dtmf_feedback: the user hears the digits that the stream sends, or those named here.
  void use_feedback(bool on) { feedback_wanted_ = on; }
  void sound_digit(char digit, std::chrono::milliseconds tone);

  // Sends from `port` from now on. The old one is listened to until something comes by the new one: the peer
  // may not know of it yet (RFC 3264 §8.3.1).
  void move(std::unique_ptr<PacketPort> port);
  // What has come by the ports that have something.
  void receive(PacketBatch& batch, Time now, ReadablePorts readable = {});

  // One 10 ms step: hear() of all calls, then say() of all calls.
  void hear(Mixer& speaker, Time now);
  void say(const Frame& microphone, Time now);
  // What has happened since they were asked last. A file ends when its disk takes no more.
  [[nodiscard]] bool take_announcement_ended() { return std::exchange(announcement_ended_, false); }
  [[nodiscard]] bool take_sink_ended();
  [[nodiscard]] bool take_recording_ended();
  // A recording that goes on in another file: that file.
  [[nodiscard]] std::optional<std::string> take_next_part();
  void close(Time now);
  // What has to be ended elsewhere, because it waits.
  [[nodiscard]] std::array<std::unique_ptr<Recording>, 2> take_recordings();
  [[nodiscard]] StreamStatistics statistics(const TickFigures& ticks) const;

 private:
  const Frame& choose_said(const Frame& microphone);
  void transmit();
  void give_feedback(Mixer& speaker);
  void watch_flood(Time now);
  bool receive(PacketPort& port, PacketBatch& batch, Time now,
               ReadablePorts readable);  // false: nothing was there
  void record(const Frame& said);
  MediaId id_;
  TickFigures ticks_before_;
  std::unique_ptr<PacketPort> port_, old_port_;
  AudioStream stream_;
  std::uint64_t plan_order_ = 0, source_order_ = 0, sink_order_ = 0, announcement_order_ = 0,
                recording_order_ = 0;
  bool from_microphone_ = true, to_speaker_ = true;
  std::shared_ptr<Room> room_;
  bool muted_ = false, announcement_ended_ = false;
  std::unique_ptr<SoundSource> source_, announcement_, music_;
  std::unique_ptr<Recording> sink_, recording_;
  bool sink_told_ = false, recording_told_ = false;  // that it takes no more
  unsigned sink_part_ = 1, recording_part_ = 1;      // of which was told
  std::shared_ptr<FrameTap> tap_;
  Frame heard_{}, said_{}, digit_frame_{};
  DtmfTone feedback_{30};  // softer than what is sent: it is close to the ear
  bool feedback_wanted_ = false;
  char named_digit_ = 0;
  int named_ticks_ = 0;
  Time first_said_{}, first_heard_{};
  FloodWatch flood_;
  PeerHosts admitted_;  // none: everybody
};

}  // namespace sidetone::media
