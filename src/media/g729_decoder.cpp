#include "media/g729_decoder.h"

#include <algorithm>
#include <vector>

namespace sidetone::media {
namespace {

constexpr std::size_t samples_per_frame = sidetone_g729_samples;
constexpr std::size_t speech_bytes = sidetone_g729_speech_bytes, silence_bytes = sidetone_g729_silence_bytes;
// RFC 3551 §4.2: a receiver takes packets of up to 200 ms.
constexpr std::size_t payload_bytes_max = 20 * speech_bytes + silence_bytes;

class Frame final : public webrtc::AudioDecoder::EncodedAudioFrame {
 public:
  Frame(G729Decoder& decoder, rtc::ArrayView<const std::uint8_t> bytes)
      : decoder_(decoder), bytes_(bytes.data(), bytes.size()) {}

  std::size_t Duration() const override { return samples_per_frame; }
  bool IsDtxPacket() const override { return bytes_.size() == silence_bytes; }
  absl::optional<DecodeResult> Decode(rtc::ArrayView<std::int16_t> decoded) const override {
    if (decoded.size() < samples_per_frame) return absl::nullopt;
    decoder_.decode(bytes_, decoded.data());
    return DecodeResult{samples_per_frame,
                        IsDtxPacket() ? webrtc::AudioDecoder::kComfortNoise : webrtc::AudioDecoder::kSpeech};
  }

 private:
  G729Decoder& decoder_;
  rtc::Buffer bytes_;
};

}  // namespace

std::unique_ptr<G729Decoder> G729Decoder::create(std::shared_ptr<const G729Module> module) {
  auto* decoder = module->functions().open_decoder();
  if (decoder == nullptr) return nullptr;
  return std::unique_ptr<G729Decoder>(new G729Decoder(std::move(module), decoder));
}

G729Decoder::~G729Decoder() {
  if (decoder_ != nullptr) module_->functions().close_decoder(decoder_);
}

// RFC 3551 §4.5.6: whole speech frames, then at most one silence description. Anything else is damaged, and
// is dropped rather than heard.
std::vector<webrtc::AudioDecoder::ParseResult> G729Decoder::ParsePayload(rtc::Buffer&& payload,
                                                                         std::uint32_t timestamp) {
  std::vector<ParseResult> frames;
  const auto rest = payload.size() % speech_bytes;
  if (payload.size() > payload_bytes_max || (rest != 0 && rest != silence_bytes)) return frames;
  rtc::ArrayView<const std::uint8_t> bytes(payload);
  while (!bytes.empty()) {
    const auto size = std::min(bytes.size(), speech_bytes);
    frames.emplace_back(timestamp, 0, std::make_unique<Frame>(*this, bytes.subview(0, size)));
    timestamp += samples_per_frame;
    bytes = bytes.subview(size);
  }
  return frames;
}

std::size_t G729Decoder::DecodePlc(std::size_t frames, std::int16_t* decoded) {
  for (std::size_t i = 0; i < frames; ++i)
    module_->functions().go_on(decoder_, decoded + i * samples_per_frame);
  return frames * samples_per_frame;
}

void G729Decoder::Reset() {
  auto* fresh = module_->functions().open_decoder();
  if (fresh == nullptr) return;  // the old one goes on as it is
  module_->functions().close_decoder(std::exchange(decoder_, fresh));
}

void G729Decoder::decode(rtc::ArrayView<const std::uint8_t> frame, std::int16_t* samples) {
  module_->functions().decode(decoder_, frame.data(), static_cast<std::uint8_t>(frame.size()), samples);
}

int G729Decoder::DecodeInternal(const std::uint8_t* encoded, std::size_t size, int rate_hz,
                                std::int16_t* decoded, SpeechType* type) {
  if (rate_hz != SampleRateHz()) return -1;
  *type = size == speech_bytes ? kSpeech : kComfortNoise;
  if (size == speech_bytes || size == silence_bytes)
    decode({encoded, size}, decoded);
  else if (size == 0)
    module_->functions().go_on(decoder_, decoded);
  else
    return -1;
  return static_cast<int>(samples_per_frame);
}

}  // namespace sidetone::media
