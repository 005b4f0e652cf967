// A far end whose clock is not ours: a sound card is off by some 200 ppm at most, and calls last for hours.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>

#include "call_pair.h"
#include "speech/speech_files.h"

namespace sidetone::audio_test {
using namespace speech;

namespace {

using namespace std::chrono_literals;
using codec::AudioCodec;

// One stream that speaks by its own clock, one that listens by ours, 20 ms of network between them.
class Drifting {
 public:
  Drifting(AudioCodec codec, int ppm, std::vector<std::int16_t> says)
      : ppm_(ppm), says_(std::move(says)), speaker_({0x1111, 1, 1, "a"}), listener_({0x2222, 1, 1, "b"}) {
    speaker_.apply(plan_of(codec, at_listener_, 20ms), now_);
    listener_.apply(plan_of(codec, at_speaker_, 20ms), now_);
    speaks_at_ = now_;
  }

  void run(std::chrono::seconds duration) {
    for (auto left = duration / 10ms; left > 0; --left) {
      now_ += 10ms;
      while (speaks_at_ <= now_) speak();
      while (!flights_.empty() && flights_.front().first <= now_) {
        listener_.receive(flights_.front().second, false, at_speaker_, flights_.front().first);
        flights_.pop_front();
      }
      media::Frame frame;
      listener_.playout(frame, now_);
      heard.insert(heard.end(), frame.begin(), frame.end());
      listener_.capture({}, now_);
      listener_.clear_outgoing();
    }
  }

  [[nodiscard]] media::StreamStatistics statistics() const { return listener_.statistics(); }
  std::vector<std::int16_t> heard;

 private:
  void speak() {
    media::Frame frame{};
    for (auto& sample : frame) sample = says_[said_++ % says_.size()];
    media::Frame unused;
    speaker_.playout(unused, speaks_at_);
    speaker_.capture(frame, speaks_at_);
    for (const auto& packet : speaker_.outgoing())
      flights_.emplace_back(speaks_at_ + 20ms, std::vector(packet.view().begin(), packet.view().end()));
    speaker_.clear_outgoing();
    // A clock that is fast makes its 10 ms sooner. Kept in nanoseconds: 200 ppm of 10 ms are 2 us.
    due_ns_ += 10'000'000.0 / (1 + ppm_ * 1e-6);
    speaks_at_ = Time{5s} + Duration{static_cast<std::int64_t>(due_ns_ / 1000)};
  }

  int ppm_;
  std::vector<std::int16_t> says_;
  std::size_t said_ = 0;
  Address at_speaker_ = *Address::parse("192.0.2.1:4000", 0),
          at_listener_ = *Address::parse("192.0.2.2:5000", 0);
  media::AudioStream speaker_, listener_;
  Time now_{5s}, speaks_at_{};
  double due_ns_ = 0;
  std::deque<std::pair<Time, std::vector<std::uint8_t>>> flights_;
};

// A tone that never pauses: every click is a moment where its amplitude is not what it was.
std::vector<std::int16_t> tone() {
  std::vector<std::int16_t> samples(48000);
  for (std::size_t i = 0; i < samples.size(); ++i)
    samples[i] =
        static_cast<std::int16_t>(8000 * std::sin(2 * 3.14159265 * 200 * static_cast<double>(i) / 48000));
  return samples;
}

// 5 ms stretches (one period of the tone) that are not about as loud as the tone, from `from_s` on.
int dropouts(const std::vector<std::int16_t>& sound, std::size_t from_s) {
  int count = 0;
  for (auto at = from_s * 48000; at + 240 <= sound.size(); at += 240) {
    double power = 0;
    for (auto i = at; i < at + 240; ++i) power += static_cast<double>(sound[i]) * sound[i];
    const double rms = std::sqrt(power / 240);
    if (rms < 5657 * 0.7 || rms > 5657 * 1.3) ++count;
  }
  return count;
}

// Steps between samples that the tone cannot make (its steepest is 209 at full rate).
int clicks(const std::vector<std::int16_t>& sound, std::size_t from_s) {
  int count = 0;
  for (auto i = from_s * 48000 + 1; i < sound.size(); ++i)
    if (std::abs(sound[i] - sound[i - 1]) > 1500) ++count;
  return count;
}

class Drift : public testing::TestWithParam<AudioCodec> {};

TEST_P(Drift, Of200PpmNeitherDelaysNorClicks) {
  for (const int ppm : {-200, 0, 200}) {
    SCOPED_TRACE(ppm);
    Drifting call(GetParam(), ppm, tone());
    call.run(30s);
    const auto early = call.statistics();
    call.run(600s);  // 120 ms of drift
    const auto before = call.statistics();
    call.run(60s);
    const auto late = call.statistics();
    EXPECT_LT(late.buffer_delay, early.buffer_delay + 20ms) << "no growth of delay";
    EXPECT_LT(late.buffer_delay, 100ms);
    EXPECT_EQ(late.packets_discarded, 0u);
    EXPECT_EQ(late.packets_lost, 0);
    EXPECT_LE(late.frames_concealed - before.frames_concealed, 6u) << "an underrun now and then is no rule";
    EXPECT_LE(late.frames_concealed - early.frames_concealed, 33u);
    EXPECT_EQ(clicks(call.heard, 30), 0);
    EXPECT_LE(dropouts(call.heard, 30), 3) << "of 126000";
    EXPECT_GT(late.mos_interval, 4.3);
  }
}
INSTANTIATE_TEST_SUITE_P(Codecs, Drift, testing::Values(AudioCodec::pcmu, AudioCodec::g722, AudioCodec::opus),
                         [](const auto& row) { return name_of(row.param); });

}  // namespace
}  // namespace sidetone::audio_test
