#include "media/voice_processing.h"

#include <api/scoped_refptr.h>
#include <modules/audio_processing/include/audio_processing.h>

#include "media/library_scope.h"
#include "media/webrtc_setup.h"

namespace sidetone::media {
namespace {

using Config = webrtc::AudioProcessing::Config;

Config config_for(const device::VoiceSettings& settings) {
  Config config;
  config.echo_canceller.enabled = settings.echo_control;
  config.noise_suppression.enabled = settings.noise_suppression;
  config.noise_suppression.level = Config::NoiseSuppression::kHigh;
  // Rumble below speech spoils the levels that the others see.
  config.high_pass_filter.enabled = true;
  // AGC1 without its analogue half, which wants to turn a mixer's knob. AGC2's speech detector is missing in
  // the packaged library: its gain runs to the maximum on noise.
  config.gain_controller1.enabled = settings.gain_control;
  config.gain_controller1.mode = Config::GainController1::kAdaptiveDigital;
  config.gain_controller1.analog_gain_controller.enabled = false;
  return config;
}

// Where the library starts to look for the echo: the sound system's buffers of both ways.
constexpr int first_delay_ms = 60;

}  // namespace

struct VoiceProcessing::Impl {
  explicit Impl(const device::VoiceSettings& settings) {
    set_up_webrtc();
    apm = webrtc::AudioProcessingBuilder().Create();
    apm->ApplyConfig(config_for(settings));
  }
  rtc::scoped_refptr<webrtc::AudioProcessing> apm;
  webrtc::StreamConfig format{mix_rate_hz, 1};
  Frame unused{};
};

VoiceProcessing::VoiceProcessing() = default;
VoiceProcessing::~VoiceProcessing() = default;

void VoiceProcessing::apply(const device::VoiceSettings& settings) {
  if (settings == settings_) return;
  settings_ = settings;
  const LibraryScope scope;
  if (!settings.any())
    impl_.reset();
  else if (impl_)
    impl_->apm->ApplyConfig(config_for(settings));
  else
    impl_ = std::make_unique<Impl>(settings);
}

void VoiceProcessing::capture(Frame& microphone) {
  if (!impl_) return;
  const LibraryScope scope;
  impl_->apm->set_stream_delay_ms(first_delay_ms);
  impl_->apm->ProcessStream(microphone.data(), impl_->format, impl_->format, microphone.data());
}

void VoiceProcessing::played(const Frame& speaker) {
  if (!impl_ || !settings_.echo_control) return;
  const LibraryScope scope;
  impl_->apm->ProcessReverseStream(speaker.data(), impl_->format, impl_->format, impl_->unused.data());
}

}  // namespace sidetone::media
