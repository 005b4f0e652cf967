#include "media/decoders.h"

#include <vector>

#include <api/audio_codecs/audio_decoder_factory_template.h>
#include <api/audio_codecs/g711/audio_decoder_g711.h>
#include <api/audio_codecs/g722/audio_decoder_g722.h>
#include <api/audio_codecs/ilbc/audio_decoder_ilbc.h>
#include <api/audio_codecs/isac/audio_decoder_isac_float.h>
#include <api/audio_codecs/opus/audio_decoder_opus.h>
#include <api/make_ref_counted.h>

#include "base/text.h"
#include "media/g729_decoder.h"

namespace sidetone::media {
namespace {

class DecoderFactory : public webrtc::AudioDecoderFactory {
 public:
  explicit DecoderFactory(std::shared_ptr<const G729Module> g729) : g729_(std::move(g729)) {}

  std::vector<webrtc::AudioCodecSpec> GetSupportedDecoders() override {
    auto specs = library_->GetSupportedDecoders();
    if (g729_) specs.push_back({{"G729", 8000, 1}, {8000, 1, 8000}});
    return specs;
  }
  bool IsSupportedDecoder(const webrtc::SdpAudioFormat& format) override {
    return is_g729(format) || library_->IsSupportedDecoder(format);
  }
  std::unique_ptr<webrtc::AudioDecoder> MakeAudioDecoder(
      const webrtc::SdpAudioFormat& format, absl::optional<webrtc::AudioCodecPairId> pair) override {
    if (is_g729(format)) return G729Decoder::create(g729_);
    return library_->MakeAudioDecoder(format, pair);
  }

 private:
  [[nodiscard]] bool is_g729(const webrtc::SdpAudioFormat& format) const {
    return g729_ && iequals(format.name, "G729") && format.clockrate_hz == 8000 && format.num_channels == 1;
  }

  std::shared_ptr<const G729Module> g729_;
  rtc::scoped_refptr<webrtc::AudioDecoderFactory> library_ =
      webrtc::CreateAudioDecoderFactory<webrtc::AudioDecoderOpus, webrtc::AudioDecoderG722,
                                        webrtc::AudioDecoderG711, webrtc::AudioDecoderIlbc,
                                        webrtc::AudioDecoderIsacFloat>();
};

}  // namespace

rtc::scoped_refptr<webrtc::AudioDecoderFactory> make_decoder_factory(std::shared_ptr<const G729Module> g729) {
  return rtc::make_ref_counted<DecoderFactory>(std::move(g729));
}

}  // namespace sidetone::media
