#include "media/voice_encoder.h"

#include <api/audio_codecs/g711/audio_encoder_g711.h>
#include <api/audio_codecs/g722/audio_encoder_g722.h>
#include <api/audio_codecs/opus/audio_encoder_opus.h>
#include <rtc_base/buffer.h>

#include <algorithm>

#include "base/text.h"
#include "media/library_scope.h"
#include "media/resampler.h"

namespace sidetone::media {
namespace {

constexpr std::size_t payload_size_max = 1400;  // leaves room for headers in 1500 bytes

// Calls `use(name, value)` for each "name=value" of a format's parameters, which came from the peer.
template <typename Use>
void each_parameter(std::string_view fmtp, const Use& use) {
  while (!fmtp.empty()) {
    auto value = trim(take_until(fmtp, ';'));
    const auto name = trim(take_until(value, '='));
    use(name, trim(value));
  }
}

// RFC 7587 §6.1: what the peer wants to receive. We speak mono whatever it says about stereo.
webrtc::AudioEncoderOpusConfig opus_config(const codec::AudioFormat& format, int frame_ms) {
  webrtc::AudioEncoderOpusConfig config;
  config.frame_size_ms = frame_ms;
  config.num_channels = 1;
  // Not the "voip" application: its speech model costs the waveform a good part of its likeness (median
  // correlation 0.948 against 0.998 at 40 kbit/s, measured by the demo) for nothing that an agent hears.
  config.application = webrtc::AudioEncoderOpusConfig::ApplicationMode::kAudio;
  config.bitrate_bps = 40000;  // RFC 7587 §3.1.1: 28 to 40 kbit/s for fullband speech
  config.payload_type = format.payload_type;
  each_parameter(format.fmtp, [&config](std::string_view name, std::string_view text) {
    const auto value = parse_number<std::uint32_t>(text);
    if (!value) return;
    if (iequals(name, "useinbandfec")) config.fec_enabled = *value == 1;
    if (iequals(name, "usedtx")) config.dtx_enabled = *value == 1;
    if (iequals(name, "cbr")) config.cbr_enabled = *value == 1;
    if (iequals(name, "maxaveragebitrate"))
      config.bitrate_bps = static_cast<int>(std::clamp(*value, 6000u, 128000u));
    if (iequals(name, "maxplaybackrate"))
      config.max_playback_rate_hz = static_cast<int>(std::clamp(*value, 8000u, 48000u));
  });
  return config;
}

template <typename Codec>
std::unique_ptr<webrtc::AudioEncoder> make(const typename Codec::Config& config, int payload_type) {
  return config.IsOk() ? Codec::MakeAudioEncoder(config, payload_type) : nullptr;
}

std::unique_ptr<webrtc::AudioEncoder> make_encoder(const codec::AudioFormat& format, int frame_ms) {
  switch (format.codec) {
    case codec::AudioCodec::pcmu:
    case codec::AudioCodec::pcma: {
      webrtc::AudioEncoderG711::Config config;
      config.type = format.codec == codec::AudioCodec::pcmu ? webrtc::AudioEncoderG711::Config::Type::kPcmU
                                                            : webrtc::AudioEncoderG711::Config::Type::kPcmA;
      config.num_channels = 1;
      config.frame_size_ms = frame_ms;
      return make<webrtc::AudioEncoderG711>(config, format.payload_type);
    }
    case codec::AudioCodec::g722: {
      webrtc::AudioEncoderG722Config config;
      config.frame_size_ms = frame_ms;
      return config.IsOk() ? webrtc::AudioEncoderG722::MakeAudioEncoder(config, format.payload_type)
                           : nullptr;
    }
    case codec::AudioCodec::opus: {
      const auto config = opus_config(format, frame_ms);
      return config.IsOk() ? webrtc::AudioEncoderOpus::MakeAudioEncoder(config, format.payload_type)
                           : nullptr;
    }
    default: return nullptr;
  }
}

}  // namespace

std::chrono::milliseconds usable_ptime(codec::AudioCodec codec, std::chrono::milliseconds asked) {
  const auto ms = std::clamp<std::int64_t>(asked.count() / 10 * 10, 10, 60);
  if (codec == codec::AudioCodec::opus && (ms == 30 || ms == 50)) return std::chrono::milliseconds{ms - 10};
  return std::chrono::milliseconds{ms};
}

struct VoiceEncoder::Impl {
  std::unique_ptr<webrtc::AudioEncoder> encoder;
  FrameResampler resampler;
  rtc::Buffer payload;
  std::array<std::int16_t, frame_samples> at_codec_rate{};
};

VoiceEncoder::VoiceEncoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VoiceEncoder::~VoiceEncoder() = default;

std::unique_ptr<VoiceEncoder> VoiceEncoder::create(const codec::AudioFormat& format,
                                                   std::chrono::milliseconds ptime) {
  auto encoder = make_encoder(format, static_cast<int>(usable_ptime(format.codec, ptime).count()));
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
  if (info.encoded_bytes == 0 || impl_->payload.size() > payload_size_max) return std::nullopt;
  return Payload{{impl_->payload.data(), impl_->payload.size()}, info.encoded_timestamp};
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
