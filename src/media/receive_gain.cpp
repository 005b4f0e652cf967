#include "media/receive_gain.h"

#include <modules/audio_processing/include/audio_processing.h>

#include "media/library_scope.h"
#include "media/webrtc_setup.h"

namespace sidetone::media {
namespace {

webrtc::AudioProcessing::Config gain_only() {
  webrtc::AudioProcessing::Config config;
  // The second generation's adaptive mode needs a speech detector that Debian's build has not.
  config.gain_controller1.enabled = true;
  config.gain_controller1.mode = webrtc::AudioProcessing::Config::GainController1::kAdaptiveDigital;
  config.gain_controller1.analog_gain_controller.enabled = false;  // there is no knob at the far end
  config.gain_controller1.target_level_dbfs = 6;                   // peaks, below full scale
  config.gain_controller1.compression_gain_db = 20;                // at most: what is noise stays quiet
  config.gain_controller1.enable_limiter = true;
  config.high_pass_filter.enabled = false;
  return config;
}

}  // namespace

struct ReceiveGain::Impl {
  rtc::scoped_refptr<webrtc::AudioProcessing> processing = webrtc::AudioProcessingBuilder().Create();
  webrtc::StreamConfig stream{mix_rate_hz, 1};
};

ReceiveGain::ReceiveGain() {
  const LibraryScope library;
  set_up_webrtc();
  impl_ = std::make_unique<Impl>();
  impl_->processing->ApplyConfig(gain_only());
}
ReceiveGain::~ReceiveGain() = default;

void ReceiveGain::level(Frame& frame) {
  const LibraryScope library;
  impl_->processing->set_stream_analog_level(0);
  static_cast<void>(
      impl_->processing->ProcessStream(frame.data(), impl_->stream, impl_->stream, frame.data()));
}

}  // namespace sidetone::media
