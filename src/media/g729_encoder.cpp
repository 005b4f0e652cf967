#include "media/g729_encoder.h"

namespace sidetone::media {

G729Encoder::G729Encoder(std::shared_ptr<const G729Module> module, const Config& config,
                         sidetone_g729_encoder* encoder)
    : module_(std::move(module)), config_(config), encoder_(encoder) {
  pending_.EnsureCapacity(Max10MsFramesInAPacket() * sidetone_g729_speech_bytes);
}

G729Encoder::~G729Encoder() { module_->functions().close_encoder(encoder_); }

std::unique_ptr<G729Encoder> G729Encoder::create(std::shared_ptr<const G729Module> module,
                                                 const Config& config) {
  auto* encoder = module->functions().open_encoder(config.annex_b ? 1 : 0);
  if (encoder == nullptr) return nullptr;
  return std::unique_ptr<G729Encoder>(new G729Encoder(std::move(module), config, encoder));
}

absl::optional<std::pair<webrtc::TimeDelta, webrtc::TimeDelta>> G729Encoder::GetFrameLengthRange() const {
  const auto length = webrtc::TimeDelta::Millis(10 * config_.frames_per_packet);
  return {{length, length}};
}

// RFC 3551 §4.5.6: a packet holds frames of 10 bytes, and at most one silence description, which is the last.
webrtc::AudioEncoder::EncodedInfo G729Encoder::EncodeImpl(std::uint32_t rtp_timestamp,
                                                          rtc::ArrayView<const std::int16_t> audio,
                                                          rtc::Buffer* encoded) {
  std::uint8_t frame[sidetone_g729_speech_bytes];
  const auto size = module_->functions().encode(encoder_, audio.data(), frame);
  if (pending_.empty()) pending_since_ = rtp_timestamp;
  pending_.AppendData(frame, size);
  const bool speech = size == sidetone_g729_speech_bytes;
  const auto full = Max10MsFramesInAPacket() * sidetone_g729_speech_bytes;
  if (pending_.empty() || (speech && pending_.size() < full)) return {};
  return flush(speech, encoded);
}

webrtc::AudioEncoder::EncodedInfo G729Encoder::flush(bool speech, rtc::Buffer* encoded) {
  EncodedInfo info;
  info.encoded_bytes = pending_.size();
  info.encoded_timestamp = pending_since_;
  info.payload_type = config_.payload_type;
  info.speech = speech;
  encoded->AppendData(pending_);
  pending_.Clear();
  return info;
}

}  // namespace sidetone::media
