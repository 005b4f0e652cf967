// DTMF as telephone-event payloads (RFC 4733): the sender's and the receiver's state, no clock inside.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace sidetone::rtp {

struct EventPayload {  // §2.3
  std::uint8_t event = 0;
  bool end = false;
  std::uint8_t volume = 10;  // -dBm0, 6 bits
  std::uint16_t duration = 0;
  friend bool operator==(const EventPayload&, const EventPayload&) = default;
};
inline constexpr std::size_t event_payload_size = 4;

[[nodiscard]] std::optional<EventPayload> parse_event(std::span<const std::uint8_t> payload);
[[nodiscard]] std::array<std::uint8_t, event_payload_size> write_event(const EventPayload& event);

[[nodiscard]] std::optional<std::uint8_t> event_of_digit(char digit);  // 0-9 * # A-D a-d
[[nodiscard]] std::optional<char> digit_of_event(std::uint8_t event);  // 0-15 only

// One event at a time, then its gap. `step` is called once per update interval.
class EventSender {
 public:
  struct Report {
    std::uint32_t timestamp = 0;
    bool marker = false;
    EventPayload payload;
  };
  // `timestamp` is the media clock now; `interval` the units between two steps.
  void begin(std::uint8_t event, std::uint32_t timestamp, std::uint32_t duration, std::uint32_t gap,
             std::uint32_t interval);
  [[nodiscard]] bool busy() const { return state_ != State::idle; }  // event or gap
  [[nodiscard]] bool sounding() const { return state_ == State::tone || state_ == State::ending; }
  [[nodiscard]] bool ending() const { return state_ == State::ending; }
  // The report to send now; nothing in the gap and when idle.
  std::optional<Report> step();

 private:
  enum class State { idle, tone, ending, gap };
  State state_ = State::idle;
  std::uint8_t event_ = 0;
  std::uint32_t segment_timestamp_ = 0;
  std::uint32_t segment_duration_ = 0;  // reported so far in this segment
  std::uint32_t left_ = 0;              // of the whole event
  std::uint32_t gap_left_ = 0;
  std::uint32_t interval_ = 0;
  int end_packets_ = 0;
  bool marker_ = false;
};

// Tells each event once, whatever is lost, repeated or out of order.
class EventReceiver {
 public:
  struct Ended {
    std::uint8_t event = 0;
    std::uint32_t duration = 0;  // timestamp units, all segments
  };
  // An event that is over by this packet: its own end, or a new event when the end was lost.
  std::optional<Ended> receive(const EventPayload& payload, std::uint32_t timestamp, bool marker);
  // Called when nothing has arrived for a while: an event whose end was lost is over, too (§2.5.2.3).
  std::optional<Ended> give_up();
  [[nodiscard]] bool open() const { return open_; }

 private:
  std::optional<Ended> finish();
  bool known_ = false, open_ = false;
  std::uint8_t event_ = 0;
  std::uint32_t timestamp_ = 0;  // of the current segment
  std::uint32_t before_ = 0;     // duration of earlier segments
  std::uint32_t duration_ = 0;
};

}  // namespace sidetone::rtp
