#include "media/receive_side.h"

#include <algorithm>
#include <utility>

#include "media/can_code.h"

namespace sidetone::media {
namespace {

using namespace std::chrono_literals;

// RFC 3551 §4.5: comfort noise may come without having been negotiated.
const codec::AudioFormat static_comfort_noise{codec::AudioCodec::comfort_noise, 13, {}};
// Updates come every 20 to 50 ms; after ten missing ones the end was lost (RFC 4733 §2.5.2.2).
constexpr Duration event_silence_max = 300ms;
// The longest silence of a ring-back tone (ITU-T E.180 §6), which a far end may leave out, and a second.
constexpr Duration audio_pause_max = 6s;
// A step of the RTP clock that neither the packets between nor the time between explain.
constexpr double time_base_tolerance_s = 1.0;
// A new source begins where it likes, often at zero. Only one that goes on where the last one was is no new
// beginning.
constexpr double source_tolerance_s = 0.1;
// What came late has been played or thrown away by then.
constexpr int discards_ticks = 50;
// No packet of a conversation is longer (RFC 3551 §4.2).
constexpr int packets_per_second_min = 5;

}  // namespace

void ReceiveSide::apply(const codec::MediaPlan& plan, Time now) {
  latch_.signalled(plan.remote_rtp, now);
  const bool resumes = plan.receive && !plan_.receive;
  const int payload_type = format_ != nullptr ? format_->payload_type : -1;  // before its list is replaced
  plan_ = plan;
  keep_former_formats();
  format_ = payload_type >= 0 ? find_format(static_cast<std::uint8_t>(payload_type)) : nullptr;
  if (!plan.receive) return;
  if (!jitter_)
    jitter_ = std::make_unique<JitterBuffer>(now, g729_, jitter_delay_min_);
  else if (resumes)
    jitter_->flush();
  auto formats = plan_.receive_formats;
  formats.push_back(static_comfort_noise);
  jitter_->set_formats(formats);
}

// What is on its way was numbered by the description before (RFC 3264 §8.3.2): those numbers are understood
// as long as they have no other meaning.
void ReceiveSide::keep_former_formats() {
  auto former = std::exchange(announced_, plan_.receive_formats);
  for (auto& format : former)
    if (find_format(format.payload_type) == nullptr && !is_event(format.payload_type) &&
        !is_redundancy(format.payload_type))
      plan_.receive_formats.push_back(std::move(format));
}

const codec::AudioFormat* ReceiveSide::find_format(std::uint8_t payload_type) const {
  for (const auto& format : plan_.receive_formats)
    if (format.payload_type == payload_type && format.codec != codec::AudioCodec::telephone_event)
      return &format;
  return payload_type == static_comfort_noise.payload_type ? &static_comfort_noise : nullptr;
}

bool ReceiveSide::is_event(std::uint8_t payload_type) const {
  return plan_.receive_events && plan_.receive_events->payload_type == payload_type;
}

bool ReceiveSide::is_redundancy(std::uint8_t payload_type) const {
  return plan_.receive_redundancy == payload_type;
}

// What a redundant packet is about is its primary block.
std::optional<ReceiveSide::Unpacked> ReceiveSide::unpack(const rtp::Packet& received) const {
  Unpacked unpacked{received, {}};
  if (!is_redundancy(received.header.payload_type)) return unpacked;
  unpacked.redundancy = rtp::parse_redundancy(received.payload);
  if (!unpacked.redundancy) return std::nullopt;
  const auto& primary = unpacked.redundancy->primary();
  unpacked.packet.header.payload_type = primary.payload_type;
  unpacked.packet.payload = primary.payload;
  return unpacked;
}

ReceiveSide::Result ReceiveSide::take(const rtp::Packet& received, const Address& from, Time now,
                                      EventRing& events) {
  const auto unpacked = unpack(received);
  const auto* format = unpacked ? find_format(unpacked->packet.header.payload_type) : nullptr;
  if (!unpacked || (format == nullptr && !is_event(unpacked->packet.header.payload_type))) {
    ++foreign_;
    return {};
  }
  const auto& header = unpacked->packet.header;
  const bool had_source = latch_.ssrc().has_value();
  const auto verdict = latch_.judge(from, header.ssrc, header.sequence, now);
  if (!verdict.accepted) {
    ++foreign_;
    return {};
  }
  if (had_source && (verdict.new_ssrc || verdict.new_address))
    events.push({StreamEvent::Kind::source_changed, 0, 0ms, from});
  if (verdict.new_ssrc) follow_source(unpacked->packet);

  const auto arrival = note_arrival(header, verdict.new_ssrc, now);
  if (!arrival) return {true, verdict.new_ssrc};
  ++packets_;
  bytes_ += received.payload.size();
  last_packet_at_ = now;
  if (!heard_rtp_) {
    heard_rtp_ = true;
    events.push({StreamEvent::Kind::first_rtp, 0, 0ms, from});
  }
  if (*arrival == rtp::Arrivals::Kind::newest || *arrival == rtp::Arrivals::Kind::late)
    take_new(unpacked->packet, format, from, now, events);
  if (unpacked->redundancy) take_earlier(unpacked->packet, *unpacked->redundancy, from, now, events);
  return {true, verdict.new_ssrc};
}

// Nothing: it stands so far off that it waits for the next one to be believed.
std::optional<rtp::Arrivals::Kind> ReceiveSide::note_arrival(const rtp::Header& header, bool new_source,
                                                             Time now) {
  const auto verdict = reception_->update(header.sequence, header.timestamp, now);
  if (verdict == rtp::Reception::Verdict::jumped) return std::nullopt;
  if (verdict == rtp::Reception::Verdict::restarted) {
    if (jitter_) jitter_->flush();
    last_timestamp_.reset();
    arrivals_.restart(header.sequence);
  }
  if (new_source || verdict == rtp::Reception::Verdict::restarted) return rtp::Arrivals::Kind::newest;
  const auto kind = arrivals_.note(header.sequence);
  if (kind == rtp::Arrivals::Kind::late) look_for_discards_ = discards_ticks;
  return kind;
}

void ReceiveSide::take_new(const rtp::Packet& packet, const codec::AudioFormat* format, const Address& from,
                           Time now, EventRing& events) {
  if (format != nullptr)
    take_audio(packet, *format, from, now, events);
  else
    take_event(packet, from, now, events);
}

// What the packets before this one had, for those that did not come (RFC 2198). Blocks have no sequence
// number: it follows from their time, or from their place where packets have no length yet.
void ReceiveSide::take_earlier(const rtp::Packet& packet, const rtp::Redundancy& redundancy,
                               const Address& from, Time now, EventRing& events) {
  auto place = redundancy.earlier().size();
  for (const auto& block : redundancy.earlier()) {
    auto earlier = packet;
    earlier.header.marker = false;  // §4: not preserved
    earlier.header.payload_type = block.payload_type;
    earlier.header.timestamp -= block.timestamp_offset;
    earlier.payload = block.payload;
    const bool whole = packet_units_ != 0 && block.timestamp_offset % packet_units_ == 0;
    const auto steps = whole ? block.timestamp_offset / packet_units_ : place;
    --place;
    if (is_event(block.payload_type)) {  // tells each event once by itself
      if (const auto payload = rtp::parse_event(block.payload))
        tell_event(event_receiver_.receive(*payload, earlier.header.timestamp, false), from, events);
      continue;
    }
    // Of the codec in use only: another one would be a change of codec back in time.
    const auto* format = find_format(block.payload_type);
    if (format == nullptr || format != format_ || block.payload.empty() || steps == 0) continue;
    if (!plan_.receive || !jitter_ || !can_decode(format->codec, g729_.get())) continue;
    earlier.header.sequence = static_cast<std::uint16_t>(packet.header.sequence - steps);
    if (!arrivals_.repair(earlier.header.sequence)) continue;
    look_for_discards_ = discards_ticks;
    jitter_->insert(earlier, now);
  }
}

void ReceiveSide::follow_source(const rtp::Packet& packet) {
  if (reception_) {
    lost_before_ += reception_->lost();
  }
  const auto clock_hz =
      static_cast<std::uint32_t>(format_ != nullptr ? codec::rtp_clock_hz(*format_)
                                                    : codec::catalogue(codec::AudioCodec::pcmu).rtp_clock_hz);
  // No probation: the latch has made up its mind about the source.
  reception_.emplace(clock_hz, packet.header.sequence, 0);
  arrivals_.restart(packet.header.sequence);
  event_receiver_ = {};
  heard_events_ = false;
  new_source_ = true;
}

void ReceiveSide::take_audio(const rtp::Packet& packet, const codec::AudioFormat& format, const Address& from,
                             Time now, EventRing& events) {
  const bool noise = format.codec == codec::AudioCodec::comfort_noise;
  const int clock_hz = codec::rtp_clock_hz(format);
  if (!noise && format_ != &format) {
    reception_->set_clock(static_cast<std::uint32_t>(clock_hz));
    if (format_ != nullptr) events.push({StreamEvent::Kind::format_changed, 0, 0ms, from});
    format_ = &format;
    last_timestamp_.reset();
  }
  if (!plan_.receive || !jitter_ || !can_decode(format.codec, g729_.get())) return;
  // Nothing has sounded for a while: what comes begins anew, else the jitter buffer would fade it in from its
  // own silence, and decoders would go on from what they made up.
  const bool was_silent = std::exchange(silent_, false) && last_timestamp_;
  const double tolerance_s = std::exchange(new_source_, false) ? source_tolerance_s : time_base_tolerance_s;
  if (was_silent || is_new_time_base(packet.header, clock_hz, tolerance_s, now)) {
    jitter_->flush();
    last_timestamp_.reset();
  }
  if (!noise) note_packet_time(packet.header);
  if (!last_timestamp_ || static_cast<std::int32_t>(packet.header.timestamp - *last_timestamp_) > 0) {
    last_timestamp_ = packet.header.timestamp;
    last_audio_at_ = now;
  }
  if (!std::exchange(audio_flows_, true)) events.push({StreamEvent::Kind::audio_flows, 0, 0ms, from});
  jitter_->insert(packet, now);
}

void ReceiveSide::note_packet_time(const rtp::Header& header) {
  const bool follows = last_timestamp_ && header.sequence == static_cast<std::uint16_t>(last_sequence_ + 1);
  last_sequence_ = header.sequence;
  if (!follows) return;
  const auto units = header.timestamp - *last_timestamp_;
  const auto units_max = static_cast<std::uint32_t>(codec::rtp_clock_hz(*format_) / packets_per_second_min);
  if (units != 0 && units <= units_max) packet_units_ = units;
}

// A peer that changes its source without a new SSRC (a B2BUA that relays) jumps in the timestamps. The
// jitter buffer would wait for, or discard, everything from there.
bool ReceiveSide::is_new_time_base(const rtp::Header& header, int clock_hz, double tolerance_s,
                                   Time now) const {
  if (!last_timestamp_) return false;
  const auto step_s =
      static_cast<std::int32_t>(header.timestamp - *last_timestamp_) / static_cast<double>(clock_hz);
  const auto elapsed_s = std::chrono::duration<double>(now - last_audio_at_).count();
  return step_s < -tolerance_s || step_s > elapsed_s + tolerance_s;
}

void ReceiveSide::take_event(const rtp::Packet& packet, const Address& from, Time now, EventRing& events) {
  if (jitter_ && plan_.receive) jitter_->skip(packet, now);
  const auto payload = rtp::parse_event(packet.payload);
  if (!payload) return;
  heard_events_ = true;
  last_event_at_ = now;
  event_from_ = from;
  tell_event(event_receiver_.receive(*payload, packet.header.timestamp, packet.header.marker), from, events);
}

void ReceiveSide::tell_event(const std::optional<rtp::EventReceiver::Ended>& ended, const Address& from,
                             EventRing& events) {
  if (!ended) return;
  const auto digit = rtp::digit_of_event(ended->event);
  if (!digit || !plan_.receive_events) return;
  const auto clock_hz = static_cast<std::uint64_t>(codec::rtp_clock_hz(*plan_.receive_events));
  events.push({StreamEvent::Kind::dtmf, *digit,
               std::chrono::milliseconds{ended->duration * 1000ull / clock_hz}, from});
}

void ReceiveSide::playout(Frame& heard, Time now, EventRing& events) {
  if (event_receiver_.open() && now - last_event_at_ > event_silence_max)
    tell_event(event_receiver_.give_up(), event_from_, events);
  if (audio_flows_ && now - last_audio_at_ > audio_pause_max) {
    audio_flows_ = false;
    events.push({StreamEvent::Kind::audio_pauses, 0, 0ms, {}});
  }
  auto kind = JitterBuffer::Heard::silent;
  if (plan_.receive && jitter_)
    kind = jitter_->get(heard, now);
  else
    heard.fill(0);
  heard_last_ = kind;
  silent_ = kind == JitterBuffer::Heard::silent;
  if (look_for_discards_ > 0 && --look_for_discards_ % 10 == 0) take_discards();
  ++frames_[static_cast<std::size_t>(kind)];
}

std::chrono::microseconds ReceiveSide::packet_time() const {
  if (format_ == nullptr) return std::chrono::microseconds{0};
  return std::chrono::microseconds{std::uint64_t{packet_units_} * 1000000 /
                                   static_cast<std::uint64_t>(codec::rtp_clock_hz(*format_))};
}

void ReceiveSide::take_discards() {
  const auto discarded = buffer().packets_discarded;
  arrivals_.discard(discarded - discards_taken_);
  discards_taken_ = discarded;
}

void ReceiveSide::fill(StreamStatistics& to) const {
  to.packets_received = packets_;
  to.bytes_received = bytes_;
  to.packets_lost = lost_before_ + (reception_ ? reception_->lost() : 0);
  if (reception_) to.jitter = reception_->jitter_time();
  to.frames_normal = frames_[static_cast<std::size_t>(JitterBuffer::Heard::normal)];
  to.frames_concealed = frames_[static_cast<std::size_t>(JitterBuffer::Heard::concealed)];
  to.frames_noise = frames_[static_cast<std::size_t>(JitterBuffer::Heard::noise)];
  to.frames_silent = frames_[static_cast<std::size_t>(JitterBuffer::Heard::silent)];
  if (format_ != nullptr) to.received_format = *format_;
  to.foreign_packets = foreign_;
  to.packets_duplicated = arrivals_.duplicates();
  to.packets_repaired = arrivals_.repaired();
  to.remote_ssrc = latch_.ssrc().value_or(0);
}

}  // namespace sidetone::media
