// restart_audio_if_stuck: what the media thread does with a device that has stopped without a word.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "media/device/audio_device.h"
#include "media/mailbox.h"
#include "media/media_pump.h"
#include "media/worker.h"

namespace sidetone::media {
namespace {

class StopsAfterOneFrame final : public AudioDevice {
 public:
  [[nodiscard]] int descriptor() const override { return -1; }
  bool record(Frame& frame) override {
    frame.fill(1);
    return !std::exchange(given_, true);
  }
  void play(const Frame&) override {}
  [[nodiscard]] bool failed() const override { return false; }
  [[nodiscard]] std::uint64_t underruns() const override { return 0; }
  [[nodiscard]] bool has_microphone() const override { return true; }

 private:
  bool given_ = false;
};

// The first event that a media thread tells when it is given such a device.
MediaEvent told_of_stuck_device(bool restart_if_stuck) {
  std::mutex mutex;
  std::condition_variable arrived;
  Mailbox mailbox([&] {
    std::lock_guard lock(mutex);
    arrived.notify_all();
  });
  Worker worker, device_worker;
  NullSink log;
  MediaThreadSettings settings;
  settings.restart_if_stuck = restart_if_stuck;
  TickCounters counters;
  MediaPump pump(mailbox, worker, device_worker, log, settings, counters);
  mailbox.send({{}, UseDevice{1, std::make_unique<StopsAfterOneFrame>()}});
  std::thread thread([&] { pump.run([] { return true; }); });
  std::optional<MediaEvent> event;
  {
    std::unique_lock lock(mutex);
    arrived.wait_for(lock, std::chrono::seconds(20), [&] { return (event = mailbox.poll()).has_value(); });
  }
  mailbox.send({{}, EndThread{}});
  thread.join();
  return event ? std::move(*event) : MediaEvent{};
}

TEST(StuckDevice, restart_audio_if_stuck_gives_it_up) {
  EXPECT_TRUE(std::holds_alternative<DeviceLost>(told_of_stuck_device(true).what))
      << "and so it is opened again";
}

TEST(StuckDevice, otherwise_it_is_only_told) {
  EXPECT_TRUE(std::holds_alternative<Error>(told_of_stuck_device(false).what));
}

}  // namespace
}  // namespace sidetone::media
