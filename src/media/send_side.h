// What we say: encoder, RTP numbering and telephone-events of one stream.
#pragma once

#include <memory>
#include <optional>

#include "codec/media_plan.h"
#include "media/dtmf_queue.h"
#include "media/dtmf_tone.h"
#include "media/outbox.h"
#include "media/redundant_sender.h"
#include "media/voice_encoder.h"

namespace sidetone::media {

class SendSide {
 public:
  explicit SendSide(const StreamSettings& settings)
      : abilities_{settings.g729, settings.vad_level, settings.opus_complexity},
        ssrc_(settings.ssrc),
        sequence_(settings.first_sequence),
        timestamp_(settings.first_timestamp) {}

  void apply(const codec::MediaPlan& plan);
  bool push_digits(std::string_view digits, std::chrono::milliseconds tone, std::chrono::milliseconds gap,
                   DigitWay way);
  [[nodiscard]] char sounding_digit() const { return digits_.sounding_digit(); }
  [[nodiscard]] char sounding_tone() const { return digits_.sounding_tone(); }
  void capture(const Frame& said, const std::optional<Address>& to, Outbox& outbox, EventRing& events);
  void expect_loss(double fraction);
  void set_ssrc(std::uint32_t ssrc) { ssrc_ = ssrc; }

  // Something may leave: what the microphone says, or music.
  [[nodiscard]] bool may_send() const { return plan_.send || plan_.send_music; }
  [[nodiscard]] std::uint32_t ssrc() const { return ssrc_; }
  [[nodiscard]] std::uint32_t timestamp() const { return timestamp_; }
  [[nodiscard]] int clock_hz() const { return clock_hz_; }
  [[nodiscard]] std::uint64_t packets() const { return packets_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  void send(std::uint8_t payload_type, bool marker, std::uint32_t timestamp,
            std::span<const std::uint8_t> payload, const Address& to, Outbox& outbox);
  void send_audio(const VoiceEncoder::Payload& payload, bool marker, const Address& to, Outbox& outbox);
  [[nodiscard]] bool may_repeat() const;
  // What is said in these 10 ms; null: a telephone-event takes its place.
  const Frame* say_digits(const Frame& speech, std::uint32_t timestamp, const Address& to, Outbox& outbox,
                          EventRing& events);

  VoiceEncoder::Abilities abilities_;
  std::uint32_t ssrc_;
  std::uint16_t sequence_;
  // Runs with real time, also while nothing is sent: a pause is seen by the receiver as one.
  std::uint32_t timestamp_;
  bool marker_next_ = true;  // first packet after silence (RFC 3551 §4.1)
  codec::MediaPlan plan_;
  int clock_hz_ = 8000;
  std::unique_ptr<VoiceEncoder> encoder_;
  RedundantSender redundancy_;
  DtmfQueue digits_;
  DtmfTone tone_;
  Frame tone_frame_{};
  std::uint64_t packets_ = 0, bytes_ = 0;
};

}  // namespace sidetone::media
