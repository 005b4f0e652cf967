// G.729 by the loadable module as a decoder of the media library's jitter buffer.
#pragma once

#include <api/audio_codecs/audio_decoder.h>

#include <memory>
#include <vector>

#include "media/g729_module.h"

namespace sidetone::media {

class G729Decoder final : public webrtc::AudioDecoder {
 public:
  // Nothing when the module has no memory for it.
  static std::unique_ptr<G729Decoder> create(std::shared_ptr<const G729Module> module);
  ~G729Decoder() override;

  std::vector<ParseResult> ParsePayload(rtc::Buffer&& payload, std::uint32_t timestamp) override;
  bool HasDecodePlc() const override { return true; }
  std::size_t DecodePlc(std::size_t frames, std::int16_t* decoded) override;
  void Reset() override;
  int SampleRateHz() const override { return 8000; }
  std::size_t Channels() const override { return 1; }

  // One frame: 10 bytes of speech or 2 of a silence description.
  void decode(rtc::ArrayView<const std::uint8_t> frame, std::int16_t* samples);

 protected:
  // Called without bytes between silence descriptions: the noise goes on.
  int DecodeInternal(const std::uint8_t* encoded, std::size_t size, int rate_hz, std::int16_t* decoded,
                     SpeechType* type) override;

 private:
  G729Decoder(std::shared_ptr<const G729Module> module, sidetone_g729_decoder* decoder)
      : module_(std::move(module)), decoder_(decoder) {}

  std::shared_ptr<const G729Module> module_;
  sidetone_g729_decoder* decoder_;
};

}  // namespace sidetone::media
