// G.729 by the loadable module as an encoder of the media library: 10 ms frames gathered to packets, with
// silence descriptions when Annex B is agreed.
#pragma once

#include <api/audio_codecs/audio_encoder.h>

#include <memory>

#include "media/g729_module.h"

namespace sidetone::media {

class G729Encoder final : public webrtc::AudioEncoder {
 public:
  struct Config {
    int frames_per_packet = 2;  // of 10 ms
    int payload_type = 18;
    bool annex_b = false;
  };
  // Nothing when the module has no memory for it.
  static std::unique_ptr<G729Encoder> create(std::shared_ptr<const G729Module> module, const Config& config);
  ~G729Encoder() override;

  int SampleRateHz() const override { return 8000; }
  std::size_t NumChannels() const override { return 1; }
  std::size_t Num10MsFramesInNextPacket() const override { return Max10MsFramesInAPacket(); }
  std::size_t Max10MsFramesInAPacket() const override {
    return static_cast<std::size_t>(config_.frames_per_packet);
  }
  int GetTargetBitrate() const override { return 8000; }
  void Reset() override { pending_.Clear(); }
  absl::optional<std::pair<webrtc::TimeDelta, webrtc::TimeDelta>> GetFrameLengthRange() const override;

 protected:
  EncodedInfo EncodeImpl(std::uint32_t rtp_timestamp, rtc::ArrayView<const std::int16_t> audio,
                         rtc::Buffer* encoded) override;

 private:
  G729Encoder(std::shared_ptr<const G729Module> module, const Config& config, sidetone_g729_encoder* encoder);
  EncodedInfo flush(bool speech, rtc::Buffer* encoded);

  std::shared_ptr<const G729Module> module_;
  Config config_;
  sidetone_g729_encoder* encoder_;
  rtc::Buffer pending_;
  std::uint32_t pending_since_ = 0;  // RTP time of the first frame in it
};

}  // namespace sidetone::media
