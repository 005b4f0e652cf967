#include "media/send_side.h"

#include <cstring>

#include "rtp/packet.h"

namespace sidetone::media {
namespace {

constexpr Frame silence{};

}  // namespace

void SendSide::apply(const codec::MediaPlan& plan) {
  const bool other_encoder = !encoder_ || !(plan.send_format == plan_.send_format) ||
                             plan.send_noise != plan_.send_noise || plan.ptime != plan_.ptime;
  if (plan.send != plan_.send) marker_next_ = true;
  plan_ = plan;
  if (!plan.send || (!plan.send_events && digits_.by_events())) digits_.clear();
  if (!other_encoder) return;
  encoder_.reset();  // made anew when something may leave
  if (!may_send()) return;
  redundancy_.forget();
  encoder_ = VoiceEncoder::create(plan, abilities_);
  // The timestamp goes on from where it is at the new rate (RFC 7160 §4.1).
  clock_hz_ = codec::rtp_clock_hz(plan.send_format);
}

bool SendSide::push_digits(std::string_view digits, std::chrono::milliseconds tone,
                           std::chrono::milliseconds gap, DigitWay way) {
  const bool possible = way == DigitWay::events ? plan_.send_events.has_value() : plan_.send;
  return possible && digits_.push(digits, tone, gap, way);
}

void SendSide::capture(const Frame& said, const std::optional<Address>& to, Outbox& outbox,
                       EventRing& events) {
  const auto timestamp = timestamp_;
  timestamp_ += static_cast<std::uint32_t>(clock_hz_ / 100);
  if (!may_send() || !encoder_ || !to) {
    marker_next_ = true;
    return redundancy_.forget();
  }
  const Frame* speech = &said;
  if (!digits_.idle() || tone_.sounding()) speech = say_digits(*speech, timestamp, *to, outbox, events);
  if (speech == nullptr) return redundancy_.forget();
  if (const auto payload = encoder_->encode(*speech, timestamp)) {
    // RFC 3551 §4.1: the first packet of a talkspurt is marked.
    const bool marker = marker_next_ || payload->talkspurt_begins;
    send_audio(*payload, marker, *to, outbox);
    marker_next_ = false;
  }
}

// Opus alone has packets small enough to be worth repeating, and is what browsers use RED for.
bool SendSide::may_repeat() const {
  return plan_.send_redundancy && plan_.send_format.codec == codec::AudioCodec::opus;
}

void SendSide::send_audio(const VoiceEncoder::Payload& payload, bool marker, const Address& to,
                          Outbox& outbox) {
  // Header, authentication and what else comes around it stay below an Ethernet frame.
  std::array<std::uint8_t, 1400> both;
  const auto size =
      may_repeat() ? redundancy_.write(both, payload.payload_type, payload.timestamp, payload.bytes) : 0;
  if (size > 0)
    send(*plan_.send_redundancy, marker, payload.timestamp, std::span(both).first(size), to, outbox);
  else
    send(payload.payload_type, marker, payload.timestamp, payload.bytes, to, outbox);
}

// Tones stand alone, in a gap of silence: speech on top of them would hide them from the far end, and might
// be taken for one.
const Frame* SendSide::say_digits(const Frame& speech, std::uint32_t timestamp, const Address& to,
                                  Outbox& outbox, EventRing& events) {
  const auto step =
      digits_.step(timestamp, plan_.send_events ? codec::rtp_clock_hz(*plan_.send_events) : clock_hz_);
  if (step.began) encoder_->reset();
  if (step.report && plan_.send_events) {
    const auto payload = rtp::write_event(step.report->payload);
    send(plan_.send_events->payload_type, step.report->marker, step.report->timestamp, payload, to, outbox);
  }
  if (step.ended) events.push({StreamEvent::Kind::dtmf_sent, *step.ended, step.duration, to});
  if (step.report || digits_.sounding()) return nullptr;
  tone_.follow(step.tone);
  if (!tone_.sounding()) return step.quiet ? &silence : &speech;
  tone_.next(tone_frame_);
  return &tone_frame_;
}

void SendSide::send(std::uint8_t payload_type, bool marker, std::uint32_t timestamp,
                    std::span<const std::uint8_t> payload, const Address& to, Outbox& outbox) {
  auto* packet = outbox.add();
  if (packet == nullptr || payload.size() > packet->bytes.size() - rtp::header_size) return;
  packet->rtcp = false;
  packet->to = to;
  packet->size = static_cast<std::uint16_t>(rtp::header_size + payload.size());
  if (!rtp::write_header({marker, payload_type, sequence_, timestamp, ssrc_}, packet->bytes)) return;
  std::memcpy(packet->bytes.data() + rtp::header_size, payload.data(), payload.size());
  ++sequence_;
  ++packets_;
  bytes_ += payload.size();
}

void SendSide::expect_loss(double fraction) {
  redundancy_.expect_loss(fraction);
  if (encoder_) encoder_->expect_loss(fraction);
}

}  // namespace sidetone::media
