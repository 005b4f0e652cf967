#include "rtp/telephone_event.h"

#include <algorithm>
#include <string_view>

#include "rtp/bytes.h"

namespace sidetone::rtp {
namespace {

constexpr std::string_view digits = "0123456789*#ABCD";  // §3.2, table 3: events 0 to 15
constexpr std::uint32_t segment_max = 0xffff;            // §2.5.1.3
constexpr int end_packets_total = 3;                     // §2.5.1.4

}  // namespace

std::optional<EventPayload> parse_event(std::span<const std::uint8_t> payload) {
  if (payload.size() < event_payload_size) return std::nullopt;
  return EventPayload{payload[0], (payload[1] & 0x80) != 0, static_cast<std::uint8_t>(payload[1] & 0x3f),
                      get_16(&payload[2])};
}

std::array<std::uint8_t, event_payload_size> write_event(const EventPayload& event) {
  std::array<std::uint8_t, event_payload_size> bytes{};
  bytes[0] = event.event;
  bytes[1] = static_cast<std::uint8_t>((event.end ? 0x80 : 0) | (event.volume & 0x3f));
  put_16(&bytes[2], event.duration);
  return bytes;
}

std::optional<std::uint8_t> event_of_digit(char digit) {
  if (digit >= 'a' && digit <= 'd') digit = static_cast<char>(digit - 32);
  const auto at = digits.find(digit);
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<std::uint8_t>(at);
}

std::optional<char> digit_of_event(std::uint8_t event) {
  if (event >= digits.size()) return std::nullopt;
  return digits[event];
}

void EventSender::begin(std::uint8_t event, std::uint32_t timestamp, std::uint32_t duration,
                        std::uint32_t gap, std::uint32_t interval) {
  state_ = State::tone;
  event_ = event;
  segment_timestamp_ = timestamp;
  segment_duration_ = 0;
  left_ = std::max(duration, interval);
  gap_left_ = gap;
  interval_ = std::max<std::uint32_t>(1, interval);
  end_packets_ = 0;
  marker_ = true;
}

std::optional<EventSender::Report> EventSender::step() {
  if (state_ == State::gap) {
    gap_left_ -= std::min(gap_left_, interval_);
    if (gap_left_ == 0) state_ = State::idle;
    return std::nullopt;
  }
  if (state_ == State::idle) return std::nullopt;
  Report report;
  if (state_ == State::tone) {
    const auto step = std::min(left_, interval_);
    if (segment_duration_ == segment_max) {
      segment_timestamp_ += segment_max;
      segment_duration_ = 0;
    }
    const auto room = std::min(step, segment_max - segment_duration_);
    segment_duration_ += room;
    left_ -= room;
    if (left_ == 0) state_ = State::ending;
  }
  if (state_ == State::ending) ++end_packets_;
  report.timestamp = segment_timestamp_;
  report.marker = marker_;
  report.payload = {event_, state_ == State::ending, 10, static_cast<std::uint16_t>(segment_duration_)};
  marker_ = false;
  if (end_packets_ == end_packets_total) {
    // The repeated end packets were sent in the time of the gap.
    const auto spent = (end_packets_total - 1) * interval_;
    gap_left_ -= std::min(gap_left_, spent);
    state_ = gap_left_ == 0 ? State::idle : State::gap;
  }
  return report;
}

std::optional<EventReceiver::Ended> EventReceiver::receive(const EventPayload& payload,
                                                           std::uint32_t timestamp, bool marker) {
  if (payload.duration == 0) return std::nullopt;  // §2.3.5: ignored for events that are no states
  const bool same_segment = known_ && timestamp == timestamp_ && payload.event == event_;
  if (same_segment) {
    if (!open_) return std::nullopt;  // a repeated end packet, or an old one behind it
    duration_ = std::max<std::uint32_t>(duration_, payload.duration);
    return payload.end ? finish() : std::nullopt;
  }
  if (known_ && static_cast<std::int32_t>(timestamp - timestamp_) < 0 &&
      static_cast<std::int32_t>(timestamp_ - timestamp) < 0x100000)
    return std::nullopt;  // reordered leftover of an earlier event
  // §2.5.2.3: the same event, at the time where a full segment ended, goes on.
  if (open_ && payload.event == event_ && !marker && timestamp - timestamp_ == segment_max) {
    before_ += segment_max;
    timestamp_ = timestamp;
    duration_ = payload.duration;
    return payload.end ? finish() : std::nullopt;
  }
  const auto lost_end = open_ ? finish() : std::nullopt;
  known_ = true;
  open_ = true;
  event_ = payload.event;
  timestamp_ = timestamp;
  before_ = 0;
  duration_ = payload.duration;
  if (payload.end && !lost_end) return finish();
  return lost_end;
}

std::optional<EventReceiver::Ended> EventReceiver::give_up() { return open_ ? finish() : std::nullopt; }

std::optional<EventReceiver::Ended> EventReceiver::finish() {
  open_ = false;
  return Ended{event_, before_ + duration_};
}

}  // namespace sidetone::rtp
