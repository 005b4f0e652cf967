// One call on the media thread: its stream, ports, source and sink.
#pragma once

#include <memory>

#include "base/packet_port.h"
#include "media/audio_stream.h"
#include "media/flood_watch.h"
#include "media/mixer.h"
#include "media/sound.h"
#include "media/sound_source.h"

namespace sidetone::media {

class CallAudio {
 public:
  CallAudio(MediaId id, std::unique_ptr<PacketPort> port, StreamSettings settings);

  [[nodiscard]] MediaId id() const { return id_; }
  [[nodiscard]] AudioStream& stream() { return stream_; }
  [[nodiscard]] const PacketPort& port() const { return *port_; }
  void use_plan(std::uint64_t order, const codec::MediaPlan& plan, Time now);
  void use_source(std::uint64_t order, bool microphone, std::unique_ptr<SoundSource> source);
  void use_sink(std::uint64_t order, bool speaker, std::unique_ptr<WaveWriter> file);

  // Sends from `port` from now on. The old one is listened to until something comes by the new one: the peer
  // may not know of it yet (RFC 3264 §8.3.1).
  void move(std::unique_ptr<PacketPort> port);
  void receive(Time now);
  // One 10 ms step. False: the recording's disk is full, from now on nothing is written.
  bool tick(const Frame& microphone, Mixer& speaker, Time now);
  void close(Time now);
  [[nodiscard]] StreamStatistics statistics() const;

 private:
  void transmit();
  void watch_flood(Time now);
  bool receive(PacketPort& port, Time now);  // false: nothing was there
  MediaId id_;
  std::unique_ptr<PacketPort> port_, old_port_;
  AudioStream stream_;
  std::uint64_t plan_order_ = 0, source_order_ = 0, sink_order_ = 0;
  bool from_microphone_ = true, to_speaker_ = true;
  std::unique_ptr<SoundSource> source_;
  std::unique_ptr<WaveWriter> recording_;
  Frame heard_{}, said_{};
  Time first_said_{}, first_heard_{};
  FloodWatch flood_;
  PeerHosts admitted_;  // none: everybody
};

}  // namespace sidetone::media
