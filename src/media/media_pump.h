// The media thread's body: waits for packets, for the device or its own clock, and works off the ticks.
#pragma once

#include <poll.h>

#include <memory>
#include <optional>
#include <vector>

#include "base/log.h"
#include "media/call_audio.h"
#include "media/device/stuck_watch.h"
#include "media/local_tones.h"
#include "media/mailbox.h"
#include "media/packet_watch.h"
#include "media/voice_processing.h"
#include "media/worker.h"

namespace sidetone::media {

class MediaPump {
 public:
  // Files are closed by `worker`, devices by `device_worker`: one of those may hang.
  MediaPump(Mailbox& mailbox, Worker& worker, Worker& device_worker, LogSink& log,
            const MediaThreadSettings& settings, TickCounters& counters)
      : mailbox_(mailbox),
        worker_(worker),
        device_worker_(device_worker),
        log_(log),
        settings_(settings),
        counters_(counters) {}
  ~MediaPump();

  // Until `may_end` agrees that there is nothing left to do.
  template <typename MayEnd>
  void run(const MayEnd& may_end) {
    for (;;) {
      work_commands();
      if (!busy() && may_end()) return;
      step();
    }
  }

 private:
  [[nodiscard]] bool busy() const {
    return !ending_ && (!calls_.empty() || tones_.any() || device_ != nullptr);
  }
  void step();
  void wait();
  void work_commands();
  void work(MediaId id, OpenCall& open);
  void work(MediaId id, MoveCall& move);
  void work(MediaId id, UsePlan& use);
  void work(MediaId id, UseSource& use);
  void work(MediaId id, UseSink& use);
  void work(MediaId id, UseAnnouncement& use);
  void work(MediaId id, UseRecording& use);
  void work(MediaId id, UseTap& use);
  void work(MediaId id, UseMusic& use);
  void work(MediaId id, Confer& confer);
  void work(MediaId id, Mute& mute);
  void work(MediaId id, SendDigits& send);
  void work(MediaId id, SoundDigit& sound);
  void work(MediaId id, CloseCall& close);
  void work(MediaId id, UseTone& use);
  void work(MediaId id, UseDevice& use);
  void work(MediaId id, ProcessVoice& process);
  void work(MediaId id, ReportError& report);
  void work(MediaId id, EndThread& end);
  CallAudio* find(MediaId id);
  void close(CallAudio& call);
  void play_music_to(CallAudio& call);
  void retire(std::unique_ptr<AudioDevice> device);
  void retire(std::unique_ptr<Recording> recording);

  void run_ticks();
  void run_device_ticks();
  void tick(const Frame& microphone);
  void receive_packets();
  void tell_ends(CallAudio& call);
  void tell_events(CallAudio& call);
  void publish_statistics();
  void watch_device();
  void give_up_device(Error error);
  void log(LogLevel level, std::string text);

  Mailbox& mailbox_;
  Worker &worker_, &device_worker_;
  LogSink& log_;
  const MediaThreadSettings& settings_;
  TickCounters& counters_;
  Time now_{};
  Time next_tick_{};
  Time device_heard_{};
  bool ending_ = false;
  std::vector<std::unique_ptr<CallAudio>> calls_;
  LocalTones tones_;
  Time tones_begin_{};  // not before, unless a device runs
  std::uint64_t device_order_ = 0;
  std::unique_ptr<AudioDevice> device_;
  bool device_runs_ = false;            // its clock is ours
  std::uint64_t device_underruns_ = 0;  // of this device, as counted so far
  StuckWatch stuck_;
  device::VoiceSettings voice_settings_;
  VoiceProcessing voice_;
  std::vector<Command> commands_;
  std::array<pollfd, 2> wakers_{};  // a command, the device
  PacketWatch watch_;
  PacketBatch batch_;
  Mixer mixer_;
  Rooms rooms_;
  std::shared_ptr<const Sound> music_;
  Frame microphone_{}, speaker_{};
  unsigned ticks_ = 0;
};

}  // namespace sidetone::media
