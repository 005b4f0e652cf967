#include "media/voice_encoder.h"

#include <api/audio_codecs/audio_encoder.h>
#include <rtc_base/buffer.h>

#include <algorithm>

#include "codec/fmtp.h"
#include "media/encoders.h"
#include "media/library_scope.h"
#include "media/resampler.h"

namespace sidetone::media {
namespace {

constexpr std::size_t payload_size_max = 1400;  // leaves room for headers in 1500 bytes

}  // namespace

struct VoiceEncoder::Impl {
  std::unique_ptr<webrtc::AudioEncoder> encoder;
  FrameResampler resampler;
  rtc::Buffer payload;
  std::array<std::int16_t, frame_samples> at_codec_rate{};
  bool silent = false;  // the last payload was comfort noise
};

VoiceEncoder::VoiceEncoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VoiceEncoder::~VoiceEncoder() = default;

std::unique_ptr<VoiceEncoder> VoiceEncoder::create(const codec::MediaPlan& plan, const Abilities& abilities) {
  auto encoder =
      make_encoder(plan.send_format, codec::packet_time(plan.send_format, plan.ptime, std::nullopt),
                   abilities.g729, abilities.opus_complexity);
  // Around the others it fails a check: they speak when it thinks that they cannot.
  if (encoder && plan.send_noise && codec::uses_comfort_noise(plan.send_format.codec))
    encoder = with_comfort_noise(std::move(encoder), plan.send_noise->payload_type, abilities.vad_level);
  if (!encoder || encoder->NumChannels() != 1) return nullptr;
  auto impl = std::make_unique<Impl>();
  impl->encoder = std::move(encoder);
  impl->resampler.set_rates(mix_rate_hz, impl->encoder->SampleRateHz());
  impl->payload.EnsureCapacity(payload_size_max);
  return std::unique_ptr<VoiceEncoder>(new VoiceEncoder(std::move(impl)));
}

std::optional<VoiceEncoder::Payload> VoiceEncoder::encode(const Frame& said, std::uint32_t timestamp) {
  const auto samples = static_cast<std::size_t>(impl_->encoder->SampleRateHz() / 100);
  impl_->resampler.run(said, std::span(impl_->at_codec_rate).first(samples));
  const LibraryScope library;
  impl_->payload.Clear();
  const auto info =
      impl_->encoder->Encode(timestamp, {impl_->at_codec_rate.data(), samples}, &impl_->payload);
  const bool talkspurt_begins = info.speech && info.encoded_bytes > 0 && impl_->silent;
  if (!info.speech || info.encoded_bytes > 0) impl_->silent = !info.speech;  // Opus: silent without a byte
  if (info.encoded_bytes == 0 || impl_->payload.size() > payload_size_max) return std::nullopt;
  return Payload{{impl_->payload.data(), impl_->payload.size()},
                 info.encoded_timestamp,
                 static_cast<std::uint8_t>(info.payload_type),
                 talkspurt_begins};
}

void VoiceEncoder::reset() {
  const LibraryScope library;
  impl_->encoder->Reset();
}

void VoiceEncoder::expect_loss(double fraction) {
  const LibraryScope library;
  impl_->encoder->OnReceivedUplinkPacketLossFraction(static_cast<float>(std::clamp(fraction, 0.0, 1.0)));
}

}  // namespace sidetone::media
