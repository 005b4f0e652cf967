#include "media/sound_source.h"

#include <algorithm>

#include "media/oscillator.h"
#include "media/resampler.h"
#include "media/sound.h"

namespace sidetone::media {
namespace {

class FileSource final : public SoundSource {
 public:
  FileSource(std::shared_ptr<const Sound> sound, bool loop) : sound_(std::move(sound)), loop_(loop) {
    resampler_.set_rates(sound_->rate_hz, mix_rate_hz);
  }

  void next(Frame& said, const Frame&) override {
    const auto wanted = static_cast<std::size_t>(sound_->rate_hz / 100);
    for (std::size_t i = 0; i < wanted; ++i) block_[i] = take();
    resampler_.run(std::span(block_).first(wanted), said);
  }
  [[nodiscard]] bool ended() const override { return !loop_ && at_ >= sound_->samples.size(); }

 private:
  std::int16_t take() {
    if (at_ >= sound_->samples.size() && loop_) at_ = 0;
    return at_ < sound_->samples.size() ? sound_->samples[at_++] : std::int16_t{0};
  }
  std::shared_ptr<const Sound> sound_;
  bool loop_;
  std::size_t at_ = 0;
  FrameResampler resampler_;
  std::array<std::int16_t, frame_samples> block_{};
};

class EchoSource final : public SoundSource {
 public:
  explicit EchoSource(std::chrono::milliseconds delay)
      : ring_(static_cast<std::size_t>(delay.count() / 10) + 1) {}
  void next(Frame& said, const Frame& heard) override {
    ring_[at_] = heard;
    at_ = (at_ + 1) % ring_.size();
    said = ring_[at_];
  }

 private:
  std::vector<Frame> ring_;
  std::size_t at_ = 0;
};

class ToneSource final : public SoundSource {
 public:
  explicit ToneSource(const FromTone& tone)
      : first_(tone.hz_1, mix_rate_hz),
        second_(tone.hz_2, mix_rate_hz),
        amplitude_2_(tone.hz_2 > 0 ? amplitude : 0),
        on_samples_(tone.on.count() * mix_rate_hz / 1000),
        period_samples_((tone.on + tone.off).count() * mix_rate_hz / 1000),
        endless_(tone.off.count() <= 0) {}

  void next(Frame& said, const Frame&) override {
    for (auto& sample : said) {
      const bool on = endless_ || at_ < on_samples_;
      const double value = amplitude * first_.next() + amplitude_2_ * second_.next();
      sample = on ? static_cast<std::int16_t>(value) : std::int16_t{0};
      if (++at_ >= period_samples_) at_ = 0;
    }
    first_.settle();
    second_.settle();
  }

 private:
  static constexpr double amplitude = 6500;  // -14 dBFS each, as telephone tones are
  Oscillator first_, second_;
  double amplitude_2_;
  std::int64_t on_samples_, period_samples_, at_ = 0;
  bool endless_;
};

constexpr std::chrono::milliseconds echo_delay_max{10000};

}  // namespace

std::unique_ptr<SoundSource> make_sound_source(std::shared_ptr<const Sound> sound, bool loop) {
  return std::make_unique<FileSource>(std::move(sound), loop);
}

Expected<std::unique_ptr<SoundSource>> make_source(const Source& source) {
  if (const auto* file = std::get_if<FromFile>(&source)) {
    auto sound = read_sound_file(file->path);
    if (!sound) return tl::make_unexpected(std::move(sound.error()));
    return make_sound_source(std::make_shared<const Sound>(std::move(*sound)), file->loop);
  }
  if (const auto* echo = std::get_if<FromEcho>(&source))
    return std::make_unique<EchoSource>(
        std::clamp(echo->delay, std::chrono::milliseconds{0}, echo_delay_max));
  if (const auto* tone = std::get_if<FromTone>(&source)) return std::make_unique<ToneSource>(*tone);
  return std::unique_ptr<SoundSource>{};
}

}  // namespace sidetone::media
